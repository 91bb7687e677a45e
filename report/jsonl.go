package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"openrelay/probe"
)

// jsonl writes the records themselves, one line each, each line in one write.
type jsonl[T any] struct {
	out output
	enc encoder
}

func newJSONL[T any](w io.Writer, _ Options) Writer[T] { return &jsonl[T]{out: output{w: w}} }

func (j *jsonl[T]) Write(record T) error {
	line, err := j.enc.encode(&record)
	if err != nil {
		return err
	}
	return j.out.write(line)
}

func (j *jsonl[T]) Close() error { return j.out.err }

// maxLine bounds a line of records. A result holds at most a few dozen dialogues, each bounded
// by probe/wire; more than this is not one of ours.
const maxLine = 16 << 20

// ErrTorn is the error of a last line that breaks off, as a scan leaves it that was killed. What is
// before it is whole.
var ErrTorn = errors.New("breaks off")

// Read reads results that the jsonl format wrote. It is its exact inverse: written again they are the
// same bytes. Fields it does not know are passed over, empty lines too.
//
// An error names its line. After a line that cannot be understood the next one is read; a line that
// is too long, or a failure to read, is the last thing the sequence yields.
func Read(r io.Reader) iter.Seq2[probe.Result, error] { return read(r, decode) }

// read reads records of one type, each with decode.
func read[T any](r io.Reader, decode func([]byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		lines := bufio.NewScanner(transform.NewReader(r, unicode.BOMOverride(transform.Nop))) // as PowerShell writes ">"
		lines.Buffer(nil, maxLine)
		var s splitter
		lines.Split(s.split)
		n := 1
		for ; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			record, err := decode(lines.Bytes())
			err = unquoted(err)
			switch {
			case err != nil && !s.ended && !json.Valid(lines.Bytes()):
				err = fmt.Errorf("line %d: %w: %w", n, ErrTorn, err)
			case err != nil:
				err = fmt.Errorf("line %d: %w", n, err)
			}
			if !yield(record, err) {
				return
			}
		}
		err := lines.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d MiB, no record is", maxLine>>20)
		}
		if err != nil {
			var none T
			yield(none, fmt.Errorf("line %d: %w", n, err))
		}
	}
}

// splitter splits a text into lines.
type splitter struct {
	ended bool // whether the last line ends with a newline
	seen  int  // bytes of one that comes in pieces, which are not searched again
}

func (s *splitter) split(data []byte, atEOF bool) (advance int, line []byte, err error) {
	if !atEOF && bytes.IndexByte(data[s.seen:], '\n') < 0 {
		s.seen = len(data)
		return 0, nil, nil
	}
	s.seen = 0
	advance, line, err = bufio.ScanLines(data, atEOF)
	s.ended = advance > 0 && data[advance-1] == '\n'
	return advance, line, err
}

// unquoted is an error of a line that is no JSON without the character that Go quotes of it: the file may hold what
// nobody shall read in a log.
func unquoted(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Error() != "unexpected end of JSON input" {
		return fmt.Errorf("no JSON (byte %d)", syntax.Offset)
	}
	return err
}

// decode reads a line that should be a result.
func decode(line []byte) (probe.Result, error) {
	var r probe.Result
	err := json.Unmarshal(line, &r)
	if err == nil && r.Type == probe.ResultType && r.Schema == probe.Schema {
		return r, nil // as nearly all are
	}
	if err := cmp.Or(refuse(line, probe.ResultType), err); err != nil {
		return probe.Result{}, err
	}
	r.Type = probe.ResultType
	return r, nil
}
