package targets

import (
	"io"
	"strings"
	"testing"
)

// endless is a text that repeats itself.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func entriesOf(name string, r io.Reader) ([]word, error) {
	t, err := readText(name, r)
	if err != nil {
		return nil, err
	}
	return t.entries()
}

// A file of targets has an end, or is none.
func TestReadLinesHasALimit(t *testing.T) {
	remark := "#" + strings.Repeat("x", 40<<10) + "\n"
	_, err := entriesOf("targets.txt", &endless{text: remark})
	if err == nil || err.Error() != "targets.txt: is longer than 64 MiB" {
		t.Errorf("without an end: %v", err)
	}
	last := "192.0.2.1"
	for n, want := range map[int64]bool{maxFile: true, maxFile + 1: false} {
		in := io.MultiReader(io.LimitReader(&endless{text: remark}, n-int64(len(last))-1), strings.NewReader("\n"+last))
		words, err := entriesOf("targets.txt", in)
		if (err == nil) != want || want && (len(words) != 1 || words[0].text != last) {
			t.Errorf("%d bytes: %v, %v", n, words, err)
		}
	}
}
