// Package pasted reads SMTP sessions out of text that people paste: what telnet, swaks or curl showed, what a mail
// server logged, a dialogue of our own reports. The result is what was said in each connection, as a
// [dialogue.Transcript], and what the text tells about it. Nothing is judged here.
//
// How a tool marks who speaks is a row of [formats]. Commands and replies are paired in the order that SMTP gives them
// (RFC 5321 4.1.1, RFC 2920 3.1); where that does not hold, the session says so, and what cannot be paired is left out.
//
// The text is hostile: it is bounded, and what is read of it is as hostile as what a server says.
package pasted

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"openrelay/probe/dialogue"
)

// Session is one connection, as far as the text holds it. Commands stand in it as they were typed, in lower case too;
// passwords do not. What a session of a log lacks is in its remarks.
type Session struct {
	Transcript dialogue.Transcript
	Addr       netip.AddrPort // of the server, as far as it is told: the address may be the zero one, and so may the port
	Client     netip.Addr     // whom the server saw, where its log says so
	Server     string         // the name that the client was given, else the one of the greeting. Hostile
	From       string         // the format it was read from: "swaks"
	FromLog    bool           // rebuilt from a log of outcomes: replies of a bare code are not what the server said
	Doubt      []string       // what could not be read, or not be paired. Hostile
}

// IsEvidence reports whether a session is written as our own reports and records write it.
func (s *Session) IsEvidence() bool { return s.From == transcriptName || s.From == recordName }

// Bounds on what is read.
const (
	maxText  = 1 << 20
	maxLines = 50_000
	maxLine  = 2 << 10 // of a dialogue: what package wire takes for a line
	maxDoubt = 20      // of one session

	maxSessions = 1000
)

// What keeps a text from being read at all.
var (
	ErrTooLong   = errors.New("text of over 1 MiB, or 50000 lines")
	ErrNoSession = errors.New("no SMTP session in this text")
)

// Read returns the sessions that the text holds, in the order in which they begin, those of logs last.
func Read(text string) ([]Session, error) {
	lines, err := tidy(text)
	if err != nil {
		return nil, fmt.Errorf("%w: paste the lines of one connection only", err)
	}
	r := reader{lines: lines}
	r.recognise()
	for i := range r.lines {
		r.read(i)
	}
	sessions := r.finish()
	if len(sessions) > maxSessions {
		sessions = sessions[:maxSessions]
		sessions[maxSessions-1].Doubt = append(sessions[maxSessions-1].Doubt, fmt.Sprintf("only the first %d connections of the text are read", maxSessions))
	}
	sessions = withoutParts(sessions)
	if len(sessions) == 0 {
		return nil, fmt.Errorf("%w: paste commands and replies, each on a line of its own", ErrNoSession)
	}
	return sessions, nil
}

// withoutParts leaves out what another session holds from its beginning on: a report shows the dialogue of one
// connection once for each of its findings.
func withoutParts(sessions []Session) []Session {
	return slices.DeleteFunc(slices.Clone(sessions), func(s Session) bool {
		for _, other := range sessions {
			longer := len(other.Transcript) > len(s.Transcript)
			if longer && sameConnection(s.Transcript[0], other.Transcript[0]) && slices.Equal(s.Transcript, other.Transcript[:len(s.Transcript)]) {
				return true
			}
		}
		return false
	})
}

// sameConnection reports whether two first lines are our remark on the same connection: both ends are in it.
func sameConnection(a, b dialogue.Line) bool {
	return a == b && a.From == dialogue.Note && connected.MatchString(a.Data)
}
