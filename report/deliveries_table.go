package report

import (
	"fmt"
	"io"
	"time"

	"openrelay/probe"
)

// deliveriesTable writes a line for each message that was caught, and how many there are.
type deliveriesTable struct {
	out output
	o   Options
	n   int
}

func newDeliveriesTable(w io.Writer, o Options) Writer[probe.Arrival] {
	return &deliveriesTable{out: output{w: w}, o: o}
}

func (t *deliveriesTable) Write(a probe.Arrival) error {
	t.n++
	p := page{Options: t.o}
	p.head(boldRed, "delivered", a.Target, a.Vector+over(a.Via)+": "+cameOut(a.Delivery))
	return t.out.write([]byte(p.b.String()))
}

func (t *deliveriesTable) Close() error { return t.out.write([]byte(count(t.n, "message") + "\n")) }

// cameOut says where and when a message came out.
func cameOut(d probe.Delivery) string {
	text := fmt.Sprintf("came out at %s%s after %v, %s", d.Relay, calledItself(d), time.Duration(d.DelayMS)*time.Millisecond, rfc3339(d.At))
	if d.MultiHop {
		text += "; " + multiHop
	}
	return text
}

// multiHop says what it means that a message came out elsewhere than it went in.
const multiHop = "multi-hop, through another server or from another address of its own"

// deliveries says where our messages came out.
func (p *page) deliveries(r probe.Result) {
	for _, words := range routes(r) {
		p.prose("delivered", words)
	}
}

// routes says for each address that messages came out at how many did, and that it is another than the
// one they went in at.
func routes(r probe.Result) (all []string) {
	var relays []string
	messages := map[string]int{}
	by := map[string]probe.Delivery{}
	for _, d := range r.Deliveries {
		if messages[d.Relay]++; messages[d.Relay] == 1 {
			relays = append(relays, d.Relay)
			by[d.Relay] = d
		}
	}
	for _, relay := range relays {
		what := count(messages[relay], "message")
		if d := by[relay]; d.MultiHop {
			all = append(all, fmt.Sprintf("%s went in at %s, came out at %s%s: %s", what, hostPlace(r), relay, calledItself(d), multiHop))
			continue
		}
		all = append(all, fmt.Sprintf("%s went in and came out at %s", what, hostPlace(r)))
	}
	return all
}

func calledItself(d probe.Delivery) string {
	if d.Helo == "" {
		return ""
	}
	return " (" + d.Helo + ")"
}
