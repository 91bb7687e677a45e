package prober

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/pasted"
	"openrelay/probe/phrasebook"
)

// TestPasteLaws holds the laws of a paste for so many servers. Its sessions are those of a live probe.
func TestPasteLaws(t *testing.T) {
	servers := uint64(200)
	if testing.Short() {
		servers = 60
	}
	seen := make(map[probe.Verdict]int)
	for seed := range servers {
		r := draw(seed).probe(seed)
		whole := r.paste()
		v := r.judged(whole)
		if seen[v]++; v == probe.Closed && r.res.Verdict != probe.Closed {
			t.Errorf("seed %d: %v, %s live, and closed when it is pasted", seed, r.res.Verdict, r.res.Reason)
		}
		r.cut(t, seed, whole)
		r.change(t, seed, whole, v)
	}
	if len(seen) < 3 {
		t.Errorf("only %v", seen)
	}
}

// paste is the log as sessions that somebody pastes.
func (r *probed) paste() (sessions []pasted.Session) {
	for _, c := range r.q.log {
		s := pasted.Session{Addr: r.target.Addr}
		if c.session != nil {
			s.Transcript = c.session.conn.Since(0)
		} else {
			s.Transcript = c.failure.said
		}
		sessions = append(sessions, s)
	}
	return sessions
}

func (r *probed) judged(sessions []pasted.Session) probe.Verdict {
	p := Prober{Vectors: r.p.Vectors, LocalDomains: r.p.LocalDomains}
	return p.Judge(sessions).Result.Verdict
}

// cut: wherever a paste ends, it is closed only by what is left of it.
func (r *probed) cut(t *testing.T, seed uint64, whole []pasted.Session) {
	rng := rand.New(rand.NewPCG(seed, 4))
	for range 3 {
		n := rng.IntN(len(whole))
		lines := whole[n].Transcript
		left := slices.Clone(whole[:n+1])
		left[n].Transcript = lines[:rng.IntN(len(lines)+1)]
		if r.judged(left) == probe.Closed && !r.mayBeClosed(left) {
			t.Errorf("seed %d: closed by %d sessions and\n%s", seed, n, left[n].Transcript)
		}
	}
}

var usualStranger = regexp.MustCompile(`^RCPT TO:<[\w.-]+@(?:sender\.test|receiver\.test|example\.(?:com|net|org))>`)

// mayBeClosed reports whether no stranger was accepted, and one was refused with somebody else accepted behind, or was
// denied twice.
func (r *probed) mayBeClosed(sessions []pasted.Session) bool {
	denied, control := 0, false
	for _, s := range sessions {
		refused := false
		for _, i := range replies(s.Transcript, "RCPT") {
			reply, err := dialogue.ParseReply(s.Transcript[i].Data)
			stranger := usualStranger.MatchString(s.Transcript[i-1].Data)
			switch {
			case err != nil:
			case reply.Positive() && stranger && !r.mta.AtData && r.mta.DataRefuse == "":
				return false
			case reply.Positive() && !stranger:
				control = control || refused
			case stranger:
				refused = true
				if m, _ := phrasebook.Lookup(phrasebook.Rcpt, reply); aboutRelaying(m) {
					denied++
				}
			}
		}
	}
	return control || denied > 1
}

// replies are the lines of a transcript that answer a command.
func replies(t dialogue.Transcript, verb string) (list []int) {
	for i := 1; i < len(t); i++ {
		if t[i].From == dialogue.Server && t[i-1].From == dialogue.Client && strings.HasPrefix(t[i-1].Data, verb) {
			list = append(list, i)
		}
	}
	return list
}

// says is a line of the server.
func says(text string) dialogue.Transcript {
	return dialogue.Transcript{{From: dialogue.Server, Data: text + "\r\n"}}
}

// change: a stranger who is accepted besides never betters the verdict, and makes no server closed; nor does a refusal
// that is lost, or put off.
func (r *probed) change(t *testing.T, seed uint64, whole []pasted.Session, was probe.Verdict) {
	rng := rand.New(rand.NewPCG(seed, 5))
	s := rng.IntN(len(whole))
	lines := whole[s].Transcript
	accepts := slices.Concat(dialogue.Transcript{{From: dialogue.Client, Data: "RCPT TO:<b@receiver.test>\r\n"}}, says("250 2.1.5 Ok"))
	mails := slices.DeleteFunc(replies(lines, "MAIL"), func(i int) bool { return lines[i].Data[0] != '2' })
	refusals := slices.DeleteFunc(replies(lines, "RCPT"), func(i int) bool { return lines[i].Data[0] == '2' })
	for _, change := range []struct {
		at      []int // the replies that it may be made at
		does    func(i int) dialogue.Transcript
		atLeast probe.Verdict
	}{
		{mails, func(i int) dialogue.Transcript { return slices.Concat(lines[:i+1], accepts, lines[i+1:]) }, max(was, probe.Inconclusive)},
		{refusals, func(i int) dialogue.Transcript { return lines[:i] }, min(was, probe.Inconclusive)},
		{refusals, func(i int) dialogue.Transcript { return slices.Concat(lines[:i], says("421 4.3.0 closing")) }, min(was, probe.Inconclusive)},
		{refusals, func(i int) dialogue.Transcript {
			return slices.Concat(lines[:i], says("450 4.3.0 Try again later"), lines[i+1:])
		}, min(was, probe.Inconclusive)},
	} {
		if len(change.at) == 0 {
			continue
		}
		sessions := slices.Clone(whole)
		sessions[s].Transcript = change.does(change.at[rng.IntN(len(change.at))])
		if v := r.judged(sessions); v < change.atLeast {
			t.Errorf("seed %d: %v, and %v with\n%s\nin the place of\n%s", seed, was, v, sessions[s].Transcript, lines)
		}
	}
}
