package bounce

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"iter"
	"path"
	"regexp"
)

// All reads every message of a file: a single one (.eml) or an mbox (RFC 4155). Each is read as it
// comes, so a long mailbox takes no more memory than a short one. Where a message cannot be read the
// Bounce has its number and the next one follows; an error of the source itself is the last.
func (r *Reader) All(src io.Reader) iter.Seq2[Bounce, error] {
	return func(yield func(Bounce, error) bool) {
		box := &mbox{r: bufio.NewReaderSize(src, 64<<10)}
		n := 1
		for ; box.next(); n++ {
			b, err := r.Parse(box)
			b.Message = n
			if box.err != nil {
				err = box.err
			}
			if !yield(b, err) || box.err != nil {
				return
			}
			if !box.isMbox {
				return
			}
		}
		switch {
		case box.err != nil:
			yield(Bounce{Message: n}, box.err)
		case n == 1:
			yield(Bounce{Message: 1}, errors.New("no mail message: the input is empty"))
		}
	}
}

// Dir reads every message of a Maildir, or of a directory of files, in the order of their names.
func (r *Reader) Dir(dir fs.FS) iter.Seq2[Bounce, error] {
	return func(yield func(Bounce, error) bool) {
		found := false
		for _, sub := range maildirs(dir) {
			entries, err := fs.ReadDir(dir, sub)
			if err != nil {
				yield(Bounce{Source: sub}, err)
				return
			}
			for _, e := range entries {
				if !e.Type().IsRegular() || e.Name()[0] == '.' {
					continue
				}
				found = true
				for b, err := range r.file(dir, path.Join(sub, e.Name())) {
					if !yield(b, err) {
						return
					}
				}
			}
		}
		if !found {
			yield(Bounce{}, errors.New("no messages in this directory"))
		}
	}
}

// maildirs are the directories that hold the messages.
func maildirs(dir fs.FS) []string {
	var subs []string
	for _, sub := range []string{"cur", "new"} {
		if info, err := fs.Stat(dir, sub); err == nil && info.IsDir() {
			subs = append(subs, sub)
		}
	}
	if subs == nil {
		return []string{"."}
	}
	return subs
}

func (r *Reader) file(dir fs.FS, name string) iter.Seq2[Bounce, error] {
	return func(yield func(Bounce, error) bool) {
		f, err := dir.Open(name)
		if err != nil {
			yield(Bounce{Source: name}, err)
			return
		}
		defer f.Close()
		for b, err := range r.All(f) {
			b.Source = name
			if !yield(b, err) {
				return
			}
		}
	}
}

// mbox reads one message after another. As an io.Reader it ends where the message does.
type mbox struct {
	r       *bufio.Reader
	err     error // what went wrong with the source
	started bool
	isMbox  bool
	inLine  bool // the line that comes next from r has been begun
	blank   bool // the line before was blank
	done    bool // the message is over
	ended   bool // and so is the source
	rest    []byte
}

// fromLine begins a message (RFC 4155): "From sender date". The date tells it from a sentence.
var fromLine = regexp.MustCompile(`^From .*\d\d:\d\d.*\b\d{4}\b`)

// next goes to the next message, and reports whether there is one.
func (m *mbox) next() bool {
	if !m.started {
		m.started = true
		m.skipBlank()
		line, _ := m.r.Peek(512)
		m.isMbox = fromLine.Match(firstLine(line))
		if m.isMbox {
			m.dropLine()
		}
		_, err := m.r.Peek(1)
		return err == nil || m.isMbox && m.note(err)
	}
	_, _ = io.Copy(io.Discard, m)
	if m.ended || m.err != nil {
		return false
	}
	m.done, m.blank, m.inLine = false, false, false
	m.dropLine()
	return true
}

func (m *mbox) note(err error) bool {
	if err != io.EOF {
		m.err = err
	}
	return m.err == nil
}

// skipBlank drops blank lines, and the mark of UTF-8, before the first message.
func (m *mbox) skipBlank() {
	if b, _ := m.r.Peek(3); bytes.Equal(b, []byte("\xef\xbb\xbf")) {
		_, _ = m.r.Discard(3)
	}
	for {
		b, err := m.r.Peek(1)
		if err != nil {
			m.note(err)
			return
		}
		if b[0] != '\n' && b[0] != '\r' {
			return
		}
		_, _ = m.r.Discard(1)
	}
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

func (m *mbox) dropLine() {
	for {
		_, err := m.r.ReadSlice('\n')
		if err != bufio.ErrBufferFull {
			return
		}
	}
}

// Read reads the message, a piece of a line at a time.
func (m *mbox) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		if m.done || m.ended || m.err != nil {
			return 0, io.EOF
		}
		if m.isMbox && !m.inLine && m.blank {
			if line, _ := m.r.Peek(512); fromLine.Match(firstLine(line)) {
				m.done = true
				continue
			}
		}
		piece, err := m.r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			m.ended = true
			m.note(err)
		}
		m.blank = !m.inLine && len(bytes.TrimRight(piece, "\r\n")) == 0
		m.inLine = err == bufio.ErrBufferFull
		m.rest = piece
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}
