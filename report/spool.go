package report

import (
	"bytes"
	"os"
)

// spool keeps pieces of a page until its end: the first ones in memory, the others in a temporary file, and in memory
// where there can be none, as in a container without /tmp. The zero spool is empty.
type spool struct {
	file *os.File
	none bool  // there can be no file
	size int64 // of the file
	held int   // bytes in memory
}

// mostHeld is how much is kept in memory where there can be a file, in bytes: what most scans come to.
const mostHeld = 8 << 20

// piece is where a part of a report is.
type piece struct {
	held []byte // nil where it is in the file
	at   int64
	n    int
}

// add keeps a copy of b.
func (s *spool) add(b []byte) piece {
	if s.held+len(b) <= mostHeld || !s.write(b) {
		s.held += len(b)
		return piece{held: bytes.Clone(b)}
	}
	s.size += int64(len(b))
	return piece{at: s.size - int64(len(b)), n: len(b)}
}

// write adds b to the file, and reports whether it is there.
func (s *spool) write(b []byte) bool {
	if s.file == nil && !s.none {
		s.file, _ = os.CreateTemp("", "openrelay-*.html")
		if s.none = s.file == nil; !s.none {
			_ = os.Remove(s.file.Name()) // where a system allows that of an open file, nothing of it is left if we are killed
		}
	}
	if s.none {
		return false
	}
	_, err := s.file.WriteAt(b, s.size)
	return err == nil
}

// read returns a piece.
func (s *spool) read(p piece) ([]byte, error) {
	if p.held != nil {
		return p.held, nil
	}
	b := make([]byte, p.n)
	_, err := s.file.ReadAt(b, p.at)
	return b, err
}

// close forgets everything.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
	*s = spool{}
}
