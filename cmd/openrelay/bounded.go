package main

import (
	"fmt"
	"io"
	"os"
)

// The most that is read of files that are kept in memory, in bytes.
const (
	mostSecret       = 64 << 10 // a key or a password
	mostCertificates = 1 << 20  // the roots of a whole system are 220 KiB
	mostZones        = 1 << 20
	mostDeliveries   = 64 << 20 // a scan sends twenty messages
)

// mostSpooled is the most that is copied to a temporary file, since it can be read only once: some 300,000 results.
// That folder may be in memory, and must not be filled by a pipe that never ends. A file has no limit.
const mostSpooled = 1 << 30

// bounded reads up to as many bytes. Where there are more it is an error: what never ends, as /dev/zero, is nothing
// that was meant.
type bounded struct {
	io.Reader
	left int64
	long error // what to say then
}

func upTo(most int64, r io.Reader, isNot string) io.Reader {
	return &bounded{r, most, fmt.Errorf("longer than %s, %s", size(most), isNot)}
}

func (b *bounded) Read(text []byte) (int, error) {
	if b.left < 0 {
		return 0, b.long
	}
	n, err := b.Reader.Read(text[:min(int64(len(text)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, b.long
	}
	return n, err
}

// readSmall reads the whole of a file that is small. isNot says what a longer one is not.
func readSmall(name string, most int64, isNot string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	text, err := io.ReadAll(upTo(most, f, isNot))
	return text, reason(err)
}

// size writes a number of bytes.
func size(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB"}
	for ; n >= 1<<10 && len(units) > 1; n >>= 10 {
		units = units[1:]
	}
	return fmt.Sprintf("%d %s", n, units[0])
}
