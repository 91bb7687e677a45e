package bounce

import "testing"

// TestSubjectTraps: refusals whose words are near those of another subject.
func TestSubjectTraps(t *testing.T) {
	for reply, want := range map[string]string{
		"550 5.7.1 Your IP 203.0.113.9 is blocked, see https://lookup.example.com/reverse?ip=203.0.113.9": "reputation",
		"550 5.7.1 <s@example.org>: Sender address rejected: not listed in the directory":                 "sender",
		"554 5.7.1 <unknown[203.0.113.9]>: Client host rejected: Access denied":                           "reputation",
		"550 5.1.1 <blacklist@example.net>: User unknown":                                                 "recipient",
		"550 5.1.1 <bob@spamhaus.example>: Recipient address rejected: User unknown":                      "recipient",
		"552 5.2.2 Over quota":    "mailbox-full",
		"450 4.7.1 Greylisted":    "greylisting",
		"554 5.7.1 Spam detected": "content",
		"550 5.7.1 Relaying denied. IP name lookup failed [203.0.113.9]": "reverse-dns",
	} {
		var f Finding
		f.quote(reply)
		f.judge(nil)
		if f.Subject != want {
			t.Errorf("%q is about %s (%s), want %s", reply, f.Subject, f.Meaning, want)
		}
	}
}
