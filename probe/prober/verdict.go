package prober

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
	"openrelay/probe/words"
)

// judgement is a verdict and what decided it.
type judgement struct {
	verdict  probe.Verdict
	reason   probe.Reason
	proof    probe.Proof
	deciding *ask
}

// weigh finds the verdict in the settled questions: the worst finding wins. A question without an
// answer keeps a server from being closed; one that was skipped does not.
func (q *inquiry) weigh() judgement {
	j := judgement{verdict: probe.Closed}
	for _, a := range q.asks {
		if a.vector == nil || a.outcome == probe.OutcomeSkipped {
			continue
		}
		one := a.judge(q.unproven(a))
		switch {
		case j.deciding == nil, one.verdict > j.verdict, one.verdict == probe.Open && one.proof > j.proof,
			one.verdict == probe.Inconclusive && j.verdict == probe.Inconclusive && a.evident() && !j.deciding.evident():
			j = one
		}
	}
	switch {
	case j.deciding == nil:
		j = judgement{verdict: probe.Inconclusive, reason: probe.ReasonUnclear}
	case j.verdict == probe.Closed && q.mayClaim():
		j.verdict, j.reason = probe.Inconclusive, probe.ReasonXCLIENTOffered
	}
	return j
}

// mayClaim reports whether the server offers us XCLIENT, and we did not try it.
func (q *inquiry) mayClaim() bool {
	tried := slices.ContainsFunc(q.asks, func(a *ask) bool { return a.setup != nil && a.setup.Needs == "XCLIENT" })
	return !tried && (q.first.offers("XCLIENT") || q.under != nil && q.under.offers("XCLIENT"))
}

// unproven reports whether a form was accepted that may be the name of a local mailbox: this server may take anything
// for one.
func (q *inquiry) unproven(a *ask) bool {
	return a.outcome == probe.OutcomeAccepted && a.vector.Suspect && a.proof < probe.Delivered && !q.knowsUsers(a)
}

// judge is the verdict of one question alone.
func (a *ask) judge(unproven bool) judgement {
	j := judgement{deciding: a, proof: a.proof}
	switch {
	case unproven:
		j.verdict, j.reason, j.proof = probe.Inconclusive, probe.ReasonSuspectFormAccepted, probe.NoProof
	case a.outcome == probe.OutcomeAccepted:
		j.verdict, j.reason = probe.Open, probe.Reason(a.vector.ID)
	case a.onCondition():
		j.verdict, j.reason = probe.Inconclusive, probe.ReasonBannedMidway
	case a.outcome == probe.OutcomeRefused:
		j.verdict, j.reason = probe.Closed, a.closedReason()
	default:
		j.verdict, j.reason = probe.Inconclusive, cmp.Or(a.reason, probe.ReasonSlow)
	}
	return j
}

// closedReason is how the server worded its refusal.
func (a *ask) closedReason() probe.Reason {
	if a.reason != "" {
		return a.reason
	}
	switch a.meaning {
	case phrasebook.RelayDenied:
		return probe.ReasonRelayDenied
	case phrasebook.AuthRequired:
		return probe.ReasonAuthRequired
	case phrasebook.RecipientUnknown:
		return probe.ReasonRecipientUnknown
	}
	return probe.ReasonRefused
}

// judge fills the result in from the settled questions.
func (q *inquiry) judge() {
	q.recognise()
	q.leaveUnproven()
	j := q.weigh()
	if j.verdict == probe.Closed && !q.over { // something is left to be asked
		j.verdict, j.reason = probe.Inconclusive, probe.ReasonSlow
	}
	q.res.Verdict, q.res.Reason, q.res.Proof = j.verdict, j.reason, j.proof
	if j.verdict != probe.Open {
		q.res.Proof = probe.NoProof
	}
	if d := j.deciding; d != nil && j.verdict == probe.Inconclusive {
		q.res.Stage = d.stage
		q.res.Detail = fmt.Sprintf("%s was left without an answer", d.id())
		if d.broken != nil && d.broken.detail != "" {
			q.res.Detail += ": " + d.broken.detail
		}
		if d.reply.Code != 0 {
			q.res.Detail = fmt.Sprintf("%s was answered %s", d.id(), quote(d.deciding()))
			switch {
			case d.reason == probe.ReasonAnswersDiffer:
				q.res.Detail += ", and refused when it was asked again"
			case d.stage == phrasebook.Rcpt && d.reply.Positive() && d.outcome != probe.OutcomeAccepted:
				q.res.Detail += ", and others were refused at DATA or later"
			}
		}
	}
	q.traits(j)
	q.res.Findings = make([]probe.Finding, 0, len(q.asks))
	written := make(map[string]string)
	if d := j.deciding; d != nil && d.vector != nil && d.outcome == probe.OutcomeAccepted {
		_, fix := q.causeAndFix(d)
		written[fix] = d.vector.ID
	}
	for _, a := range q.asks {
		if a.vector != nil && a.outcome != probe.OutcomeSkipped {
			q.res.Findings = append(q.res.Findings, q.finding(a, a == j.deciding, written))
		}
	}
	q.res.Coverage.Count(q.res.Findings)
	if q.res.Reason == probe.ReasonSlow {
		q.res.Detail = fmt.Sprintf("closed for %d of %d vectors when the time was up; ", q.res.Coverage.Answered, q.res.Coverage.Of) + q.res.Detail
	}
	if len(q.res.Findings) == 0 {
		q.res.Findings = nil
		q.res.Transcript = brief(q.first.preface)
	}
}

// finding writes a settled question down. Dialogues are kept where they matter.
func (q *inquiry) finding(a *ask, deciding bool, written map[string]string) probe.Finding {
	f := probe.Finding{Vector: a.vector.ID, Via: a.via, From: a.from, To: a.to, Outcome: a.outcome, Deciding: deciding, Proof: a.proof, Stage: a.stage}
	if a.handed != nil {
		f.Token = a.handed.token
	}
	if a.reply.Code != 0 {
		f.From, f.To = a.asked.from, a.asked.to
		f.Meaning = a.meaning
		f.Reply = clip(text(a.deciding()))
	}
	if deciding || q.p.Evidence || a.outcome == probe.OutcomeAccepted || a.outcome == probe.OutcomeUnanswered {
		f.Transcript = brief(a.transcript())
	}
	switch a.outcome {
	case probe.OutcomeAccepted:
		f.Unproven = q.unproven(a)
		q.advise(&f, a, written)
	case probe.OutcomeUnanswered:
		if w, ok := words.Reason(probe.Inconclusive, a.reason); ok {
			f.Cause, f.Fix = "The server "+w.Says+".", w.WayOut
		}
	}
	return f
}

// Bounds on what a record keeps of one finding, in bytes. Honest servers stay far below; the others
// shall not fill the disk.
const (
	mostDialogue = 8 << 10
	mostReply    = 2 << 10
)

// brief cuts the middle out of a dialogue that is too long: how it began and how it ended tell most.
func brief(t dialogue.Transcript) dialogue.Transcript {
	size := func(t dialogue.Transcript) (n int) {
		for _, l := range t {
			n += len(l.Data)
		}
		return n
	}
	if size(t) <= mostDialogue {
		return t
	}
	head, tail := 0, len(t)
	for size(t[:head+1]) < mostDialogue/2 {
		head++
	}
	for size(t[tail-1:]) < mostDialogue/2 {
		tail--
	}
	cut := dialogue.Line{From: dialogue.Note, Data: fmt.Sprintf("%d lines left out", tail-head)}
	return slices.Concat(t[:head], dialogue.Transcript{cut}, t[tail:])
}

func clip(reply string) string {
	if len(reply) <= mostReply {
		return reply
	}
	return strings.ToValidUTF8(reply[:mostReply], "") + "..."
}

// conclude fills the result in where there was no session at all.
func (q *inquiry) conclude(f *setback) {
	q.res.Verdict, q.res.Reason, q.res.Stage, q.res.Detail = probe.Unreachable, f.reason, f.stage, f.detail
	q.res.Vantage = q.vantage
	q.res.Transcript = brief(f.said)
	if f.spoke {
		q.res.Verdict = probe.Inconclusive
	}
	if f.session != nil {
		q.describe(f.session)
		q.recognise()
	}
}
