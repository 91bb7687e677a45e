package prober

import (
	"fmt"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/netaddr"
	"openrelay/probe/phrasebook"
)

// Reading is what sessions come to that are over.
type Reading struct {
	Result   *probe.Result
	Server   string    // its name, as far as it says one. Hostile
	Rests    []string  // what the verdict rests on, in clauses
	NotAsked []string  // the vectors of the core that nobody asked
	Missing  []Missing // what keeps the answers from being read
	Again    string    // the command line that asks it all
}

// Missing is a control that nobody asked, or something that nobody said.
type Missing struct {
	What  string
	Lines []string // what to type
}

// reading judges.
func (q *inquiry) reading(all []*overheard) *Reading {
	r := &Reading{Result: q.res, Server: q.t.Name}
	if q.first == nil {
		q.conclude(q.setback())
		return r
	}
	account := slices.ContainsFunc(all, func(o *overheard) bool { return o.account })
	q.withoutControls()
	q.withoutData()
	q.judge()
	q.weighBeginning(all)
	q.res.Vantage = q.vantage
	r.Rests, r.Missing = q.restsOn(account), q.missing(account)
	for _, v := range probe.Vectors {
		if v.Class == probe.Core && !slices.ContainsFunc(q.asks, func(a *ask) bool { return a.id() == v.ID && a.outcome != probe.OutcomeSkipped }) {
			r.NotAsked = append(r.NotAsked, v.ID)
		}
	}
	if r.Again = "openrelay scan "; len(q.local.Domains) > 0 {
		r.Again += "--local-domain " + strings.Join(q.local.Domains, ",") + " "
	}
	r.Again += q.place()
	return r
}

// setback is why none of the sessions came as far as a mail.
func (q *inquiry) setback() *setback {
	for _, c := range slices.Backward(q.log) {
		if c.failure != nil {
			return c.failure
		}
	}
	return &setback{stage: phrasebook.Banner, reason: probe.ReasonNoBanner, detail: "nothing was said"}
}

// withoutControls takes back what only controls can tell: that everybody is refused.
func (q *inquiry) withoutControls() {
	for _, a := range q.asks {
		if a.outcome == probe.OutcomeUnanswered && a.reason == probe.ReasonClientBlocked && a.meaning != phrasebook.ClientBlocked && !q.heardLocal() {
			a.reason = probe.ReasonUnclear
		}
	}
}

// withoutData: what was put off at DATA was not accepted, if it was not put again.
func (q *inquiry) withoutData() {
	for _, a := range q.acceptedOnes() {
		if a.putOffAtData && !a.tested {
			a.proof = probe.NoProof
			a.giveUp(reasonFor[a.meaning])
		}
	}
}

// heardLocal reports whether a recipient of the server's own was asked for.
func (q *inquiry) heardLocal() bool {
	return slices.ContainsFunc(q.log, func(c *connection) bool {
		return slices.ContainsFunc(c.said, func(e exchange) bool { return q.paste.isControl(&e) && e.heard() })
	})
}

// weighBeginning: a server that has not heard who we are is not known to be closed.
func (q *inquiry) weighBeginning(all []*overheard) {
	if q.res.Verdict == probe.Closed && q.paste.more {
		q.res.Verdict, q.res.Reason = probe.Inconclusive, probe.ReasonUnclear
		q.res.Detail = fmt.Sprintf("only the first %d questions are looked at", mostPut)
	}
	if q.res.Verdict == probe.Closed && slices.ContainsFunc(all, func(o *overheard) bool { return len(o.mails) > 0 && o.session.ehlo.Code == 0 && !o.fromLog }) {
		q.res.Verdict, q.res.Reason = probe.Inconclusive, probe.ReasonUnclear
		q.res.Detail = "no EHLO or HELO that was accepted is in it"
	}
}

// deciding is the ask that the verdict rests on; nil for none.
func (q *inquiry) deciding() *ask { return q.weigh().deciding }

// restsOn says what the verdict rests on.
func (q *inquiry) restsOn(account bool) (list []string) {
	d := q.deciding()
	if account {
		list = append(list, "somebody logged in: what was accepted then says nothing of strangers")
	} else if d == nil {
		list = append(list, "nobody asked for a recipient in a foreign domain")
	}
	if d != nil {
		if ground := q.ground(d); ground != "" {
			list = append(list, ground)
		}
	}
	for _, a := range q.assumed() {
		if q.unproven(a) {
			list = append(list, domainOf(a.to)+" may be a domain of the server's own")
		} else {
			list = append(list, domainOf(a.to)+" is taken for a foreign domain")
		}
	}
	if own := q.names["own-domain"]; d != nil && len(own) > 0 && len(q.local.Domains) == 0 {
		list = append(list, own[0]+" is taken for the server's own domain, by its name")
	}
	return list
}

// ground is what tells how to read the deciding answer, or that nothing does; "" where the answer says it itself.
func (q *inquiry) ground(d *ask) string {
	w := &q.welcome
	control := w.nobody
	if w.welcomed() {
		control = &exchange{question: q.control(w.locals[w.at].to)}
	} else if control != nil && !control.accepted() {
		control = nil
	}
	unread := d.refused() && d.outcome == probe.OutcomeUnanswered
	switch v := q.res.Verdict; {
	case v == probe.Open && d.proof >= probe.Data:
		return fmt.Sprintf("%s was accepted from %s without a login, and DATA was answered 354", d.to, d.from)
	case v == probe.Open:
		return fmt.Sprintf("%s was accepted from %s without a login", d.to, d.from)
	case v == probe.Closed && d.atData != nil:
		return "refused at DATA in words about relaying"
	case v == probe.Closed && control != nil:
		return fmt.Sprintf("%s was accepted behind the refusal: it is strangers who are refused", control.to)
	case v == probe.Closed:
		return "refused in words about relaying, and so again at the end"
	case unread && aboutRelaying(d.meaning):
		return "refused in words about relaying; but no control shows that the server still took mail from this client then"
	case unread && d.meaning == phrasebook.Syntax && d.withoutBrackets():
		return "what was refused is the command, not the recipient"
	case unread && d.differ && w.welcomed():
		return "refused in words that nobody knows: only the difference tells what they mean"
	case unread && d.meaning != phrasebook.ClientBlocked && !d.reply.Temporary() && !w.welcomed():
		return "no control shows that anybody is taken from this client"
	}
	return ""
}

// mostNamed is how many domains, or forms, a reading asks about.
const mostNamed = 5

// assumed are those who were accepted as strangers, as far as nobody knows that their domain is foreign: one of each.
func (q *inquiry) assumed() (list []*ask) {
	for _, a := range q.acceptedOnes() {
		d := domainOf(a.to)
		known := len(q.local.Domains) > 0 || !q.unproven(a) && reserved.MatchString(d)
		if len(list) < mostNamed && q.paste.isForeign(a.to) && !known && !slices.ContainsFunc(list, func(b *ask) bool { return strings.EqualFold(domainOf(b.to), d) }) {
			list = append(list, a)
		}
	}
	return list
}

// missing says what keeps the answers from being read.
func (q *inquiry) missing(account bool) (list []Missing) {
	for _, a := range q.assumed() {
		domain := domainOf(a.to)
		if !netaddr.Name(domain) {
			domain = "DOMAIN"
		}
		list = append(list, Missing{"whether " + domain + " is a domain of the server's own. If it is", []string{"openrelay explain --local-domain " + domain + " FILE"}})
	}
	if q.res.Verdict != probe.Open {
		list = append(list, q.missingQuestions(account)...)
	}
	forms := slices.DeleteFunc(q.acceptedOnes(), func(a *ask) bool { return !a.vector.FormIsPoint() || !q.unproven(a) })
	for _, a := range forms[:min(mostNamed, len(forms))] {
		nobody := q.unknown(strings.TrimPrefix(a.place(), routed))
		list = append(list, Missing{"an unknown user under the same name, refused first in a new connection: then " + a.to + " is no mailbox",
			[]string{"MAIL FROM:" + a.from, "RCPT TO:" + nobody, "RCPT TO:" + a.to}})
	}
	return list
}

// missingQuestions are those that would answer the question, or tell how to read the answer.
func (q *inquiry) missingQuestions(account bool) (list []Missing) {
	from := "MAIL FROM:" + q.ourSender()
	if d := q.deciding(); d != nil {
		from = "MAIL FROM:" + d.from
	}
	rcpt := func(domain string) string { return "RCPT TO:<" + q.names["rcpt"][0] + "@" + domain + ">" }
	foreign, local := q.twoForeign(), "RCPT TO:"+q.localControl()
	lack := q.lacking()
	for _, m := range []struct {
		lacks bool
		Missing
	}{
		{lack.question && account, Missing{"the same without a login", []string{from, rcpt(foreign[0])}}},
		{lack.question && !account, Missing{"a recipient in a foreign domain", []string{from, rcpt(foreign[0])}}},
		{lack.brackets, Missing{"the same in angle brackets, without which it is no command (RFC 5321 4.1.2)", []string{from, rcpt(foreign[0])}}},
		{lack.words, Missing{"two foreign domains and behind them a recipient of the server's own, in one mail: nobody knows these words",
			[]string{from, rcpt(foreign[0]), rcpt(foreign[1]), local}}},
		{lack.address, Missing{"the same from another address, which is not blocked", nil}},
		{lack.control && !lack.words && !lack.address, Missing{"a recipient of the server's own, behind the last refusal", []string{from, local}}},
		{lack.control && len(q.names["own-domain"]) == 0, Missing{"a domain of the server's own", []string{"openrelay explain --local-domain DOMAIN FILE"}}},
		{lack.tls, Missing{"the same after STARTTLS", []string{"openssl s_client -quiet -starttls smtp -connect " + q.place()}}},
		{lack.time, Missing{"the same again, some minutes later", nil}},
	} {
		if m.lacks {
			list = append(list, m.Missing)
		}
	}
	return list
}

// localControl is the recipient of the server's own to ask for.
func (q *inquiry) localControl() string {
	if own := q.names["own-domain"]; !q.welcome.welcomed() && len(own) > 0 {
		return "<postmaster@" + own[0] + ">"
	}
	return q.localRecipient()
}

// withoutBrackets reports whether the command that was answered named an address without the brackets that it stands in.
func (a *ask) withoutBrackets() bool {
	said := a.s.conn.Said(a.reply.Span)
	return len(said) > 0 && said[0].From == dialogue.Client && !strings.Contains(said[0].Data, "<")
}

// lack is what the answers want to be read.
type lack struct {
	question, brackets, control, words, address, tls, time bool
}

func (q *inquiry) lacking() (l lack) {
	l.question = true
	for _, a := range q.asks {
		if a.vector == nil || a.outcome == probe.OutcomeSkipped {
			continue
		}
		l.question = false
		if a.outcome != probe.OutcomeUnanswered || !a.refused() {
			continue
		}
		switch m := a.meaning; {
		case m == phrasebook.ClientBlocked:
			l.address = true
		case m == phrasebook.TLSRequired:
			l.tls = true
		case m == phrasebook.Greylisted, m == phrasebook.RateLimited, m == phrasebook.Temporary:
			l.time = true
		case m == phrasebook.Syntax && a.withoutBrackets():
			l.brackets = true
		case a.stage == phrasebook.Rcpt && m == phrasebook.RefusedOther && a.differ:
			l.words, l.control = true, true
		case a.stage == phrasebook.Rcpt, aboutRelaying(m):
			l.control = true
		}
	}
	return l
}
