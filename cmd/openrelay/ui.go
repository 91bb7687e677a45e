package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"openrelay/report"
	"openrelay/scanner/targets"
)

// ui is how the program speaks. The rules: results and what was asked for go to standard output,
// everything else to standard error. Errors are lower case and end without a full stop; where there is
// a way out a hint follows, a command line if possible.
type ui struct {
	stdin          io.Reader
	input          *input // stdin, to read from it
	stdout, stderr io.Writer
	colour         string   // auto, always or never
	unwritten      error    // why something that was asked for could not be printed
	files          fileList // what the command reads and writes, compared
}

// input is standard input, from which nothing more comes once the user has interrupted the program: a pipe
// may stay open for ever.
type input struct {
	ctx         context.Context
	r           io.Reader
	interrupted atomic.Bool
}

func (in *input) Read(b []byte) (int, error) {
	type got struct {
		b   []byte
		err error
	}
	arrived := make(chan got, 1)
	go func() { // which may wait until the program ends
		own := make([]byte, len(b))
		n, err := in.r.Read(own)
		arrived <- got{own[:n], err}
	}()
	select {
	case a := <-arrived:
		return copy(b, a.b), a.err
	case <-in.ctx.Done():
		in.interrupted.Store(true)
		return 0, in.ctx.Err()
	}
}

// usageError is a mistake on the command line, with the way out.
type usageError struct{ msg, hint string }

func (e *usageError) Error() string { return e.msg }
func (e *usageError) Hint() string  { return e.hint }

// print writes what was asked for.
func (u *ui) print(format string, args ...any) { _, _ = fmt.Fprintf(printer{u}, format, args...) }

// printer is standard output, for those who do not look whether they could write to it.
type printer struct{ *ui }

func (p printer) Write(b []byte) (int, error) {
	n, err := p.stdout.Write(b)
	if p.unwritten == nil {
		p.unwritten = err
	}
	return n, err
}

// say writes a remark.
func (u *ui) say(format string, args ...any) {
	_, _ = fmt.Fprintf(u.stderr, "openrelay: "+format+"\n", args...)
}

// failed reports an error, with its hint if it has one; of a list of errors each, but the hint of their
// sum once. Errors may quote what a file or a server said.
func (u *ui) failed(err error) {
	all := []error{err}
	if list, ok := err.(*targets.Errors); ok {
		all = list.Unwrap()
	}
	last := hintOf(all[len(all)-1])
	for i, one := range all {
		u.say("error: %s", report.Printable(one.Error()))
		if hint := hintOf(one); hint != "" && (hint != last || i == len(all)-1) {
			u.say("hint: %s", report.Printable(hint))
		}
	}
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}

func (u *ui) checkColour(cmd *cobra.Command) error {
	switch u.colour {
	case "auto", "always", "never":
		return nil
	}
	return &usageError{fmt.Sprintf("--color %q is none of auto, always, never", u.colour), cmd.CommandPath() + " --color never"}
}

// columns is the width of the terminal w writes to, 0 where it is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// coloured: as --color says, and by default only on a terminal that has colours, and never where
// NO_COLOR forbids it (no-color.org).
func (u *ui) coloured(w io.Writer) bool {
	switch u.colour {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}
