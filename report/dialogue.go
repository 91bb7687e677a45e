package report

import (
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// decidingFinding returns the finding that the verdict rests on, or nil.
func decidingFinding(r probe.Result) *probe.Finding {
	i := slices.IndexFunc(r.Findings, func(f probe.Finding) bool { return f.Deciding })
	if i < 0 {
		return nil
	}
	return &r.Findings[i]
}

// decidingLines returns which lines of a finding's transcript hold its deciding reply: from, up to to.
// The same words may come more than once ("250 Ok"): the answer to the right command counts, and of
// several the last. Where there was no reply, the last line tells why; where the transcript does not
// have it, there are no such lines.
func decidingLines(f *probe.Finding) (from, to int) {
	t := f.Transcript
	if f.Reply == "" {
		return lastWord(t)
	}
	reply, command := strings.Split(f.Reply, "\n"), commandOf(f)
	asked, sure := false, false // whether the command above is the right one: here, and at from
	for i, line := range t {
		if line.From == dialogue.Client {
			asked = command != "" && hasPrefixFold(line.Data, command)
		}
		if saysAt(t, i, reply) && (asked || !sure) {
			from, to, sure = i, i+len(reply), asked
		}
	}
	return from, to
}

// lastWord returns which line of a dialogue that never came to a vector tells why: the last one, but for our
// goodbye and what followed it.
func lastWord(t dialogue.Transcript) (from, to int) {
	for i, line := range slices.Backward(t) {
		if line.From == dialogue.Client {
			if i > 0 && line.Data == "QUIT\r\n" {
				return i - 1, i
			}
			break
		}
	}
	return len(t) - 1, len(t)
}

// commandOf returns how the command begins that the deciding reply answers.
func commandOf(f *probe.Finding) string {
	switch f.Stage {
	case phrasebook.Mail:
		return "MAIL FROM:" + f.From
	case phrasebook.Rcpt:
		return "RCPT TO:" + f.To
	case phrasebook.DataCmd:
		return "DATA"
	}
	return ""
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// saysAt reports whether the server said the reply in the lines of t from i on.
func saysAt(t dialogue.Transcript, i int, reply []string) bool {
	if i+len(reply) > len(t) {
		return false
	}
	for k, want := range reply {
		line := t[i+k]
		said := strings.TrimSuffix(strings.TrimSuffix(line.Data, "\n"), "\r")
		if line.From != dialogue.Server || dialogue.Text(said) != want {
			return false
		}
	}
	return true
}

// dialogue writes the lines of a transcript from the first on, and marks those in [from, to).
func (p *page) dialogue(t dialogue.Transcript, first, from, to int) {
	for i, line := range t {
		if i >= first {
			p.evidence(line.String(), i >= from && i < to)
		}
	}
}
