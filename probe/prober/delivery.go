package prober

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"openrelay/probe"
	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

// DeliveryTest hands a message over to a server that accepted a vector, for a recipient who agreed to get it.
// That it comes out there is the proof that nobody can argue with.
type DeliveryTest struct {
	Key     probe.Key
	Run     string // the id of the scan
	User    string // whose mailbox it is, with the token behind a "+" (RFC 5233); "" for the token alone
	Domain  string // the recipient's, which agreed
	Contact string // who answers for the test
	Most    int    // messages to one server; 0 = 3

	// Permit is asked before every message. An error sends none to this server any more, and is noted in
	// the dialogue. Release gives a permission back: the server refused before it had a message, or for good.
	Permit  func(ctx context.Context, t probe.Target) error
	Release func(t probe.Target)
	// LookupMX and LookupNetIP find out whether a domain that only the server itself named is its own;
	// nil fields ask the system's resolver.
	LookupMX    func(ctx context.Context, domain string) ([]*net.MX, error)
	LookupNetIP func(ctx context.Context, network, host string) ([]netip.Addr, error)
	Now         func() time.Time // time.Now by default
}

const mostDeliveries = 3

// deliver hands over one message for each of the first accepted vectors, as inTurn puts them. One that the
// server refuses in the end is none: it has said about that vector what counts, and the next is tried. Where
// messages are left, it is said for which vectors none was sent.
func (q *inquiry) deliver(ctx context.Context, l *caller) {
	q.leaveUnproven()
	c := q.p.Delivery
	if q.p.Proof != probe.Delivered || c == nil {
		return
	}
	left := c.Most
	if left == 0 {
		left = mostDeliveries
	}
	accepted := inTurn(q.acceptedOnes())
	for i, a := range accepted {
		if left == 0 || ctx.Err() != nil {
			break
		}
		if slices.ContainsFunc(accepted[:i], a.equals) || !q.mayDeliver(ctx, a) {
			continue
		}
		counts, err := q.handOver(ctx, l, c, a)
		q.share(a)
		switch {
		case err != nil:
			left = 0
		case counts:
			left--
		}
	}
	if left > 0 {
		q.noteUnsent(ctx, accepted)
	}
	q.leaveUntold(ctx)
}

// inTurn puts those first that mean most by themselves, and of the suspect forms one of each before a second of
// any: a server may follow one form, and keep all others for names of mailboxes.
func inTurn(accepted []*ask) []*ask {
	turn, seen := make(map[*ask]int), make(map[string]int)
	for _, a := range accepted {
		if a.vector.Suspect {
			seen[a.vector.Form()]++
			turn[a] = seen[a.vector.Form()]
		}
	}
	return slices.SortedStableFunc(slices.Values(accepted), func(a, b *ask) int { return turn[a] - turn[b] })
}

// noteUnsent says for which of the accepted vectors no message was sent, because nobody has named the domain in
// them, and how to name it.
func (q *inquiry) noteUnsent(ctx context.Context, accepted []*ask) {
	var vectors, unnamed []string
	for _, a := range accepted {
		names := q.unnamed(ctx, a)
		if a.outcome == probe.OutcomeAccepted && a.first == "" && len(names) > 0 {
			vectors, unnamed = append(vectors, a.id()), append(unnamed, names...)
		}
	}
	if len(vectors) == 0 || ctx.Err() != nil {
		return
	}
	domains := slices.DeleteFunc(distinct(unnamed), func(name string) bool { // with a domain its hosts are named too
		return slices.ContainsFunc(unnamed, func(domain string) bool { return strings.HasSuffix(name, "."+domain) })
	})
	q.trait(probe.TraitNotSent, fmt.Sprintf("%s; where it is yours, name it: --local-domain %s",
		strings.Join(distinct(vectors), ", "), strings.Join(domains, " --local-domain ")))
}

// share lets equal questions have the fate of one that was handed over.
func (q *inquiry) share(a *ask) {
	for _, b := range q.asks {
		if b != a && b.vector != nil && b.outcome == probe.OutcomeAccepted && b.equals(a) {
			b.answer, b.asked, b.outcome, b.proof = a.answer, a.asked, a.outcome, a.proof
			if a.handed != nil {
				b.handed = &handed{said: a.handed.said, late: a.handed.late}
			}
		}
	}
}

// leaveUntold decides about what only a message could have told and none may be sent for, where messages
// were refused in the end: that it was accepted before says nothing. A recipient beside one of the
// server's own is in a message like any other; what the server trusts its own domain with stays open.
func (q *inquiry) leaveUntold(ctx context.Context) {
	late := slices.ContainsFunc(q.asks, func(a *ask) bool { return a.handed != nil && a.handed.late })
	taken := slices.ContainsFunc(q.asks, func(a *ask) bool { return a.handed != nil && a.handed.token != "" })
	if !late || taken {
		return
	}
	for _, a := range q.asks {
		switch {
		case a.vector == nil || a.outcome != probe.OutcomeAccepted || q.mayDeliver(ctx, a):
		case a.first != "":
			a.settle(probe.OutcomeSkipped)
			q.skip(a.id(), "messages are refused in the end, and for this none is sent: a user of the server would get it")
		default:
			a.proof = probe.NoProof
			a.giveUp(probe.ReasonUnclear)
		}
	}
}

// mayDeliver reports whether a message may be sent in the name of a vector. A recipient of the server's
// own would get it too where one is named before. And a domain that is not the server's may be somebody
// else's, who would get the bounce.
func (q *inquiry) mayDeliver(ctx context.Context, a *ask) bool {
	return a.first == "" && len(q.unnamed(ctx, a)) == 0
}

// unnamed are the names in a question that nobody but the server itself calls its own.
func (q *inquiry) unnamed(ctx context.Context, a *ask) (names []string) {
	for _, own := range slices.Concat(q.names["own-domain"], q.names["own-host"]) {
		if strings.Contains(strings.ToLower(a.from+" "+a.to), own) && !q.leadsHere(ctx, own) {
			names = append(names, own)
		}
	}
	return names
}

// leadsHere reports whether a name is the target's by more than its own word: the user said so of it, or
// of a domain above it, or it leads to the address that is tested, or its mail does.
func (q *inquiry) leadsHere(ctx context.Context, name string) bool {
	if strings.EqualFold(name, q.t.Name) || slices.ContainsFunc(append([]string{q.t.Domain}, q.local.Domains...), func(own string) bool {
		name, own := strings.ToLower(name), strings.ToLower(own)
		return own != "" && (name == own || strings.HasSuffix(name, "."+own))
	}) {
		return true
	}
	leads, known := q.leads[name]
	if !known {
		leads = q.lookUp(ctx, name)
		if q.leads == nil {
			q.leads = make(map[string]bool)
		}
		q.leads[name] = leads
	}
	return leads
}

// lookUp reports whether a name or its mail leads to the target.
func (q *inquiry) lookUp(ctx context.Context, name string) bool {
	c := q.p.Delivery
	lookupMX, lookupNetIP := c.LookupMX, c.LookupNetIP
	if lookupMX == nil {
		lookupMX = net.DefaultResolver.LookupMX
	}
	if lookupNetIP == nil {
		lookupNetIP = net.DefaultResolver.LookupNetIP
	}
	hosts := []string{name}
	records, _ := lookupMX(ctx, name+".") // a failure leads nowhere
	for _, r := range records[:min(len(records), 5)] {
		hosts = append(hosts, r.Host)
	}
	for _, host := range hosts {
		addrs, _ := lookupNetIP(ctx, "ip", host)
		if slices.ContainsFunc(addrs, func(addr netip.Addr) bool { return addr.Unmap() == q.t.Addr.Addr().Unmap() }) {
			return true
		}
	}
	return false
}

// handOver asks the vector's question once more, for the recipient who agreed, and hands the message over
// in the session in which it is accepted. counts says that the message counts as one; an error says that
// this server gets no other.
func (q *inquiry) handOver(ctx context.Context, l *caller, c *DeliveryTest, a *ask) (counts bool, err error) {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	token := c.Key.Issue(c.Run, q.t.String(), a.vector.ID, a.via, now())
	message := probe.Message{Token: token, User: c.User, Domain: c.Domain, Contact: c.Contact}
	data, err := message.Data()
	if err != nil {
		return false, err
	}
	e := q.readdress(a, message)
	made, s := l.open(ctx, a.manner, q.style)
	if f := made.failure; f != nil {
		if a.setup != nil { // it may be that what is refused
			return false, nil
		}
		return false, errors.New(f.detail)
	}
	defer s.conn.Close()
	replies, _ := s.inOrder(ctx, []string{"MAIL FROM:" + e.from, "RCPT TO:" + e.to})
	if len(replies) < 2 || slices.ContainsFunc(replies, refusal) {
		_ = s.conn.Quit(ctx)
		return false, nil // for this recipient it is not accepted: it stays what it was
	}
	if err := c.permit(ctx, q.t); err != nil {
		s.conn.Hangup("no message is sent: " + err.Error())
		a.handed = &handed{said: s.conn.Since(0)}
		return false, err
	}
	taken, counts := q.say(ctx, s, a, e, data)
	if taken {
		a.handed.token = token.Serial
	}
	if !counts && c.Release != nil {
		c.Release(q.t)
	}
	return counts, nil
}

// say says DATA and the message. What breaks off behind the 354 may have been taken. A message that is
// put off, or found fault with for itself, counts like one that was: the next would fare no better.
func (q *inquiry) say(ctx context.Context, s *session, a *ask, e envelope, data []byte) (taken, counts bool) {
	r, err := s.conn.Cmd(ctx, "DATA")
	asked := err == nil && r.Code == 354
	if asked {
		r, err = s.conn.Message(ctx, data)
	}
	a.handed = &handed{said: s.conn.Since(0)}
	if err != nil || r.Code == 0 {
		return asked, asked
	}
	_ = s.conn.Quit(ctx)
	if r.Code >= 400 {
		a.refusedLate(e, s, r)
		a.handed.late = asked && a.outcome == probe.OutcomeRefused
	}
	return asked && r.Code < 400, asked && !a.handed.late
}

func (c *DeliveryTest) permit(ctx context.Context, t probe.Target) error {
	if c.Permit == nil {
		return nil
	}
	return c.Permit(ctx, t)
}

// readdress is the vector's envelope with the message's recipient in place of the foreign one.
func (q *inquiry) readdress(a *ask, m probe.Message) envelope {
	n := q.names.with("to", m.Domain).with("rcpt", m.Recipient())
	for _, tld := range topLevels {
		n[tld] = []string{m.Domain}
	}
	return a.under(n)
}

// refusedLate: a server may say yes to everything until it has the message. A fault it finds with this
// message says nothing about others.
func (a *ask) refusedLate(e envelope, s *session, r dialogue.Reply) {
	meaning := s.memo.Lookup(phrasebook.DataCmd, r)
	if settles(meaning) || meaning == phrasebook.RefusedOther {
		a.answer, a.asked = &answer{stage: phrasebook.DataCmd, reply: r, meaning: meaning, s: s}, e
		a.proof = probe.NoProof
		a.settle(probe.OutcomeRefused)
	}
}
