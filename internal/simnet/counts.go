package simnet

import (
	"fmt"
	"strings"
	"time"
)

// Counts is what the servers have seen. A relay test leaves Messages, UnaskedData and Cut at 0.
type Counts struct {
	Sessions int
	Commands map[string]int // by verb; "other" for those nobody knows

	Accepted    int // foreign recipients
	UnaskedData int // DATA where no foreign recipient had been accepted
	Messages    int // received whole
	MaxRefused  int // recipients refused in one session, the most
	Cut         int // sessions ended for too many errors
	SyncErrors  int // sessions ended for commands that came too early
	Full        int // connections that found no descriptor free: the figures of such a run are void

	MaxOpen           int // sessions at once
	MaxOpenPerAddress int // with one address
	MaxOpenPerNetwork int // with one /24

	CPU time.Duration // the servers' own, user and system
}

// String is one counter a line, for scripts.
func (c Counts) String() string {
	var b strings.Builder
	row := func(name string, n int) { fmt.Fprintf(&b, "%s %d\n", name, n) }
	row("sessions", c.Sessions)
	total := 0
	for _, n := range c.Commands {
		total += n
	}
	row("commands", total)
	for _, v := range []string{"EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "QUIT", "other"} {
		row(strings.ToLower(v), c.Commands[v])
	}
	row("accepted", c.Accepted)
	row("unasked-data", c.UnaskedData)
	row("messages", c.Messages)
	row("max-refused", c.MaxRefused)
	row("cut", c.Cut)
	row("sync-errors", c.SyncErrors)
	row("full", c.Full)
	row("max-open", c.MaxOpen)
	row("max-open-per-address", c.MaxOpenPerAddress)
	row("max-open-per-network", c.MaxOpenPerNetwork)
	row("cpu-ms", int(c.CPU.Milliseconds()))
	return b.String()
}
