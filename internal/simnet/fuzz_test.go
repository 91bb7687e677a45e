package simnet

import (
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"openrelay/internal/variants"
)

// Whatever is said to it, a server that relays for nobody accepts no foreign recipient, and answers
// every line outside a message with one well-formed reply.
func FuzzDialogue(f *testing.F) {
	for text := range variants.Of(2000,
		recipients,
		"EHLO a\nMAIL FROM:<>\nRCPT TO:<postmaster>\nDATA\nx\n.\nRCPT TO:<b@example.org>\nquit",
		"RCPT\nRCPT TO\nMAIL\nRCPT TO:\nRCPT TO: <postmaster@LOCAL.TEST> x\n\n \n",
	) {
		f.Add(text)
	}
	wellFormed := regexp.MustCompile(`^([2-5]\d\d)(-[^\r\n]+\r\n[2-5]\d\d)* [^\r\n]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		o := Options{}.Postfix()
		counts := Counts{Commands: make(map[string]int)}
		d := dialogue{o: &o, counts: &counts, addr: netip.MustParseAddr("127.0.0.1"), is: Behaviours[0], piped: true, greeted: true}
		for line := range strings.SplitSeq(text, "\n") {
			message := d.message
			if reply := d.answer(line, false); (reply != "" || !message) && !wellFormed.MatchString(reply) {
				t.Fatalf("%q was answered %q", line, reply)
			}
			if d.overdrawn() || d.over {
				break
			}
		}
		if counts.Accepted > 0 || d.errors > o.HardErrors {
			t.Errorf("%d errors, counts:\n%s", d.errors, counts)
		}
	})
}
