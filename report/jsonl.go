package report

import (
	"bufio"
	"bytes"
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
		lines := bufio.NewScanner(transform.NewReader(r, unicode.BOMOverride(transform.Nop))) // as PowerShell writes ">"
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
