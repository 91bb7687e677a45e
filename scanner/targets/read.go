package targets

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxFile is how much is read of a file, and of standard input, in bytes: some millions of targets.
const maxFile = 64 << 20

// howTargets is the hint where no better target is known: it lists how targets and lists are written.
const howTargets = "openrelay scan --help"

// text is a file that is read.
type text struct {
	name string
	*bufio.Reader
	left   *io.LimitedReader
	record *recordReader
}

// readText begins to read a file of any encoding that lists come in: compressed by gzip, or in UTF-16, as Windows writes
// them.
func readText(name string, r io.Reader) (*text, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, &Error{Where: name, Msg: "is no whole gzip file: " + err.Error(), Try: howTargets}
		}
		in = bufio.NewReader(plain)
	}
	most := &io.LimitedReader{R: in, N: maxFile + 1}
	record := &recordReader{Reader: transform.NewReader(most, decoding(in))}
	return &text{name, bufio.NewReaderSize(record, 64<<10), most, record}, nil
}

// maxRecord is how long an object of JSON, an element of XML or a row of CSV may be, in bytes: taken apart, it takes many
// times of that. nmap lists 65,535 ports in one.
const maxRecord = 1 << 20

var errRecord = fmt.Errorf("has an object, an element or a row of more than %d MiB, which is none of a list", maxRecord>>20)

// recordReader fails behind what is too much for one record, for readers that take one apart before they show it.
type recordReader struct {
	io.Reader
	limited bool
	n       int // bytes since the last record
}

func (r *recordReader) Read(p []byte) (int, error) {
	if r.limited && r.n > maxRecord {
		return 0, errRecord
	}
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}

// decoding is how a file becomes UTF-8: by its mark, or by the zeros in its first characters.
func decoding(in *bufio.Reader) transform.Transformer {
	begin, _ := in.Peek(4)
	fallback := transform.Transformer(transform.Nop)
	switch {
	case len(begin) < 4:
	case begin[1] == 0 && begin[3] == 0 && begin[0] != 0:
		fallback = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case begin[0] == 0 && begin[2] == 0 && begin[1] != 0:
		fallback = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	}
	return unicode.BOMOverride(fallback)
}

// maxLine is how long a line may be, in bytes: room for 100,000 addresses with spaces between them.
const maxLine = 4 << 20

// lines are those of the text, without their ends, each where it stands. An error is the last.
func (t *text) lines() iter.Seq2[word, error] {
	return func(yield func(word, error) bool) {
		for n := 1; ; n++ {
			line, err := t.line()
			where := t.place(n)
			switch {
			case len(line) > maxLine:
				yield(word{}, &Error{Where: where, Msg: fmt.Sprintf("longer than %d MiB, which is no line of a list", maxLine>>20), Try: howTargets})
				return
			case err != nil && t.failed(err) != nil:
				yield(word{}, t.failed(err))
				return
			case err != nil && line == "", !yield(word{text: line, where: where}, nil), err != nil:
				return
			}
		}
	}
}

// line reads one, without its end. One that is too long is not read to its end.
func (t *text) line() (string, error) {
	part, err := t.ReadSlice('\n')
	var line []byte
	for ; errors.Is(err, bufio.ErrBufferFull) && len(line) <= maxLine; part, err = t.ReadSlice('\n') {
		line = append(line, part...)
	}
	if len(line) > 0 {
		part = append(line, part...)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(part), "\n"), "\r"), err
}

// place is where a line stands.
func (t *text) place(line int) string { return t.name + ":" + strconv.Itoa(line) }

// headSize is how much of a list is looked at, to recognise it.
const headSize = 4 << 10

// head is the beginning of the text, which is still to be read.
func (t *text) head() string {
	head, _ := t.Peek(headSize)
	return string(head)
}

// failed is what was wrong with the text as a whole.
func (t *text) failed(err error) error {
	switch {
	case t.left.N == 0:
		return &Error{Where: t.name, Msg: fmt.Sprintf("is longer than %d MiB", maxFile>>20), Try: howTargets}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return &Error{Where: t.name, Msg: "is no whole gzip file: " + err.Error(), Try: howTargets}
	case err != nil && !errors.Is(err, io.EOF):
		return &Error{Where: t.name, Msg: withoutName(err), Try: howTargets}
	}
	return nil
}

// withoutName is why a file cannot be read, without its name.
func withoutName(err error) string {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// openText opens a file, to be closed by its second value. try is the hint of an unreadable one.
func openText(path, try string) (*text, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, &Error{Msg: err.Error(), Try: try}
	}
	t, err := readText(path, f)
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return t, f, nil
}

// readFile returns the lines of a file that say something, without their comments.
func readFile(path, try string) ([]word, error) {
	t, f, err := openText(path, try)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return t.entries()
}

// entries are what stands before the # of each line, where it stands.
func (t *text) entries() (words []word, err error) {
	for line, err := range t.lines() {
		if err != nil {
			return nil, err
		}
		line.text, _, _ = strings.Cut(line.text, "#")
		if line.text = strings.TrimSpace(line.text); line.text != "" {
			words = append(words, line)
		}
	}
	return words, nil
}
