package prober

import (
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// fault is what is wrong with a verdict, "" for nothing.
func (r *probed) fault() string {
	relays := r.relays()
	switch {
	case r.res.Verdict == probe.Closed && r.server.shown != "" && r.mta.DataRefuse == "":
		return "closed, and it was seen to relay " + r.server.shown
	case r.res.Verdict == probe.Closed && relays != "" && r.excused() == "":
		return "closed, and it relays " + relays
	case r.res.Verdict == probe.Open && relays == "" && !r.mta.ProofRcpt && !(r.mta.AtData && (r.mta.Ban != "" || r.mta.DataRefuse != "" || r.mta.Flaky > 0)) && !r.server.relayed:
		return "open, and it relays nothing; by " + string(r.res.Reason)
	case len(r.q.log) >= mostConnections:
		return "does not end"
	}
	return ""
}

// excused is why a server that relays may be called closed, by the rules of the design; "" for no reason.
func (r *probed) excused() string {
	m := r.mta
	relay := func(words string) bool { return slices.Contains(relayWords, words) }
	switch {
	case m.DataRefuse != "":
		return "nothing is relayed then"
	case m.Submission && (m.Block != "" || m.Senders != "" && m.SenderLate):
		return "rule 2: on 587 a refusal of everybody is for want of a login"
	case m.Block != "" && m.Spares == sparesPostmasters:
		return "rule 3: looks like a server that refuses strangers"
	case m.Machines > 0 && r.server.shownSuspect == "":
		return "chance: never seen"
	case m.Grey > 0 && (r.p.Limits.Retry < 0 || m.Grey >= r.p.Limits.Retry):
		return "rule 3: outlasts our patience"
	case m.Ban != "" && m.Range && m.Spares > 0:
		return "rule 2: in ranges one control, and it is spared"
	case m.Ban != "" && m.Spares == sparesPostmasters && r.likeUnknown(m.Ban):
		return "rule 2: the controls are answered as before"
	case m.Ban != "" && m.Spares == sparesPostmasters && strings.HasPrefix(m.Unknown, "4"):
		return "rule 2: one control, and it is spared"
	case relay(m.Ban) && !r.q.tookLocal():
		return "rule 2: nobody local: words about relaying count alone"
	}
	return ""
}

// likeUnknown reports whether words are answered to an unknown user as before.
func (r *probed) likeUnknown(words string) bool {
	ban, _ := dialogue.ParseReply(words)
	usual, _ := dialogue.ParseReply(or(r.mta.Unknown, "550 5.1.1 %s: Recipient address rejected: User unknown in local recipient table"))
	var memo phrasebook.Memo
	return ban.Code == usual.Code && memo.Lookup(phrasebook.Rcpt, ban) == memo.Lookup(phrasebook.Rcpt, usual)
}

// tookLocal reports whether a local recipient was ever accepted.
func (q *inquiry) tookLocal() bool {
	return q.took(barePostmaster) || q.took("<postmaster@local.test>")
}
