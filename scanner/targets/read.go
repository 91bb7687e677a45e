package targets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// maxFile is how much is read of a file, and of standard input, in bytes: some millions of targets.
const maxFile = 64 << 20

// readFile returns the lines of a file that say something. try is the hint of an unreadable one.
func readFile(path, try string) ([]word, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{Msg: err.Error(), Try: try}
	}
	defer f.Close()
	return readLines(path, f)
}

// readLines returns what stands before the # of each line, where it stands.
func readLines(name string, r io.Reader) ([]word, error) {
	var words []word
	most := &io.LimitedReader{R: r, N: maxFile + 1}
	lines := bufio.NewScanner(transform.NewReader(most, unicode.BOMOverride(transform.Nop))) // Windows marks its files so
	n := 0
	for lines.Scan() {
		n++
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text != "" {
			words = append(words, word{text: text, where: fmt.Sprintf("%s:%d", name, n)})
		}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("longer than %d KiB, which is no target", bufio.MaxScanTokenSize>>10)
	}
	if err != nil {
		return nil, &Error{Where: fmt.Sprintf("%s:%d", name, n+1), Msg: err.Error(), Try: "a file holds one entry per line, # begins a comment"}
	}
	if most.N == 0 {
		return nil, &Error{Where: name, Msg: fmt.Sprintf("is longer than %d MiB", maxFile>>20), Try: "name networks as CIDRs, and many hosts in several files"}
	}
	return words, nil
}
