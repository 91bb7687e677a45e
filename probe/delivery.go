package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Arrival is one message that came out at the catcher, and whose it is: a line of what `openrelay
// catch` writes. Fields are only ever added under one Schema.
type Arrival struct {
	Type   string `json:"type"`   // what the record is: "delivery"
	Schema int    `json:"schema"` // the number of this format
	Scan   string `json:"scan"`   // the id of the scan that sent it
	Target string `json:"target"` // the server it was handed to
	Delivery
}

// Arrive makes the record of a message that was caught: who brought it, over what, and when. The
// fields of how it came, Helo to SawClient, are left to whoever knows them.
func (i Issued) Arrive(relay netip.Addr, at time.Time) Arrival {
	tested, err := netip.ParseAddrPort(i.Target)
	return Arrival{Type: DeliveryType, Schema: Schema, Scan: i.Run, Target: i.Target, Delivery: Delivery{
		Token: i.Serial, Vector: i.Vector, Via: i.Via, Relay: relay.Unmap().String(),
		MultiHop: err == nil && tested.Addr().Unmap().WithZone("") != relay.Unmap().WithZone(""),
		At:       at.UTC(), DelayMS: max(0, at.Sub(i.At).Milliseconds()),
	}}
}

// Deliver adds a delivery to the result it belongs to and draws the conclusion: the vector was accepted
// and is proven, whatever was thought of it before. It reports whether the delivery belongs here and
// is new; the same one twice changes nothing.
func (r *Result) Deliver(a Arrival) bool {
	if a.Target != r.Target || r.Scan != nil && r.Scan.ID != a.Scan || r.Knows(a) {
		return false
	}
	f := r.delivered(a.Vector, a.Via)
	if f == nil {
		return false
	}
	r.Deliveries = append(r.Deliveries, a.Delivery)
	f.settleDelivered()
	if r.Verdict != Open || r.Proof < Delivered {
		for i := range r.Findings {
			r.Findings[i].Deciding = false
		}
		f.Deciding = true
		f.Fix = r.FixOf(f)
		r.Verdict, r.Proof, r.Reason, r.Stage, r.Detail = Open, Delivered, Reason(a.Vector), "", ""
	}
	r.Coverage.recount(r.Findings)
	r.Traits = slices.DeleteFunc(r.Traits, func(t Trait) bool { return t.Name == TraitAcceptsEverything }) // no sink, then
	r.sawOther(a)
	return true
}

// Knows reports whether the result holds that delivery already.
func (r *Result) Knows(a Arrival) bool {
	return a.Target == r.Target && slices.ContainsFunc(r.Deliveries, func(d Delivery) bool { return d.Token == a.Token })
}

// delivered is the finding that a delivery proves: of those that were asked that way, the one the
// verdict rests on, else one that was accepted, else the first.
func (r *Result) delivered(vector string, via Via) *Finding {
	var best *Finding
	rank := func(f *Finding) int {
		switch {
		case f.Deciding:
			return 3
		case f.Outcome == OutcomeAccepted:
			return 2
		}
		return 1
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Vector == vector && f.Via == via && (best == nil || rank(f) > rank(best)) {
			best = f
		}
	}
	return best
}

// MayBeLocal begins the cause of a finding that is unproven.
const MayBeLocal = "Not proven: here this form may be the name of a local mailbox. If it is not: "

// TestAgain stands in a fix before the command to test again with.
const TestAgain = "\nThen test again:\n  "

// FixedWith is the fix of a finding that the change for another vector closes too.
func FixedWith(vector string) string { return "As for " + vector + ": the same change closes both." }

// FixOf is the fix of a finding in full, where it was written out with another finding too.
func (r *Result) FixOf(f *Finding) string {
	text, again, _ := strings.Cut(f.Fix, TestAgain)
	for i := range r.Findings {
		g := &r.Findings[i]
		if full, _, ok := strings.Cut(g.Fix, TestAgain); ok && text == FixedWith(g.Vector) && full != text {
			return full + TestAgain + again
		}
	}
	return f.Fix
}

// settleDelivered: what was accepted and delivered is no longer unanswered or unproven, and its cause is the
// vector's.
func (f *Finding) settleDelivered() {
	if v, ok := Find(f.Vector); ok && f.Outcome != OutcomeAccepted {
		f.Cause, f.Fix = v.Why, v.Fix
	}
	f.Cause = strings.TrimPrefix(f.Cause, MayBeLocal)
	f.Outcome, f.Proof, f.Unproven = OutcomeAccepted, Delivered, false
}

// recount counts again after an outcome has changed.
func (c *Coverage) recount(findings []Finding) {
	c.Asked, c.Answered = 0, 0
	c.Count(findings)
}

// sawOther notes that the server took us for somebody else, by its own Received field: the best proof
// that something between hides its clients from it. Where the vector claims to be somebody else, the
// server believed us.
func (r *Result) sawOther(a Arrival) {
	saw, err := netip.ParseAddr(a.SawClient)
	v, _ := Find(a.Vector)
	tested, _ := netip.ParseAddrPort(r.Target)
	lost := func(t Trait) bool { return t.Name == TraitIdentityLost }
	if err != nil || v.Claims() || !r.Vantage.Hidden(saw, tested.Addr()) || slices.ContainsFunc(r.Traits, lost) {
		return
	}
	r.Traits = append(r.Traits, Trait{TraitIdentityLost,
		fmt.Sprintf("its Received field names %s, we connected from %s", saw, r.Vantage.Source)})
}

// NotDelivered notes that the server took messages of ours and none has come out. Evidence says how many, and why
// nobody waits any longer.
func (r *Result) NotDelivered(evidence string) {
	r.Traits = append(r.Traits, Trait{Name: TraitNotDelivered, Evidence: evidence})
}
