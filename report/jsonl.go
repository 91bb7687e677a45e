package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf16"

	"openrelay/probe"
)

// jsonl writes the canonical record, one line a result, each line in one write.
type jsonl struct{ out output }

func newJSONL(w io.Writer, _ Options) Writer { return &jsonl{output{w: w}} }

func (j *jsonl) Write(r probe.Result) error {
	line, err := record(r)
	if err != nil {
		return err
	}
	return j.out.write(line)
}

// record returns the canonical record: one line of JSON, and a newline.
func record(r probe.Result) ([]byte, error) {
	if r.Schema == 0 {
		r.Schema = probe.Schema
	}
	line, err := encode(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Target, err)
	}
	return line, nil
}

// encode writes a value as one line of JSON. Nothing is lost, and yet a terminal or the log of a CI job
// can show it: what Printable would show by its number is escaped.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // "<>" is what the dialogue says, and this is no web page
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	text := b.Bytes()
	if plain(string(text[:len(text)-1])) {
		return text, nil
	}
	var safe bytes.Buffer
	for _, r := range b.String() {
		switch {
		case r == '\n' || visible(r):
			safe.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&safe, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return ciCommand.ReplaceAll(safe.Bytes(), []byte(`$1\u005b`)), nil
}

func (j *jsonl) Close() error { return j.out.err }

// maxLine bounds a line of saved results. A record holds at most a few dozen dialogues, each bounded
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
func Read(r io.Reader) iter.Seq2[probe.Result, error] {
	return func(yield func(probe.Result, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		ended := true // whether the line ends with a newline
		lines.Split(func(data []byte, atEOF bool) (int, []byte, error) {
			advance, line, err := bufio.ScanLines(data, atEOF)
			ended = advance > 0 && data[advance-1] == '\n'
			return advance, line, err
		})
		n := 1
		for ; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			result, err := decode(lines.Bytes())
			switch {
			case err != nil && !ended && !json.Valid(lines.Bytes()):
				err = fmt.Errorf("line %d: %w: %w", n, ErrTorn, err)
			case err != nil:
				err = fmt.Errorf("line %d: %w", n, err)
			}
			if !yield(result, err) {
				return
			}
		}
		err := lines.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d MiB, no saved result is", maxLine>>20)
		}
		if err != nil {
			yield(probe.Result{}, fmt.Errorf("line %d: %w", n, err))
		}
	}
}

// decode reads one line. The schema is judged first where the rest makes no sense, for what a newer
// version writes may well make none to us.
func decode(line []byte) (probe.Result, error) {
	var r probe.Result
	err := json.Unmarshal(line, &r)
	schema := r.Schema
	if err != nil {
		var head struct{ Schema int }
		if json.Unmarshal(line, &head) == nil {
			schema = head.Schema
		}
	}
	switch {
	case schema > probe.Schema:
		return probe.Result{}, fmt.Errorf("written by a newer version (schema %d, this one reads up to %d)", schema, probe.Schema)
	case err != nil:
		return probe.Result{}, err
	case schema < 1:
		return probe.Result{}, errors.New("not a saved result: it has no schema number")
	}
	return r, nil
}
