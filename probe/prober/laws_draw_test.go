package prober

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"openrelay/probe"
)

// Real wordings, of several meanings; %s is the address that they are about.
var (
	relayWords = []string{
		"454 4.7.1 %s: Relay access denied", "550 5.7.1 %s... Relaying denied", "550 5.7.1 Unable to relay", "571 %s prohibited. We do not relay",
		"553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", "550 not local host example.org, not a gateway",
		"530 5.7.0 Authentication required", "503 This mail server requires authentication when attempting to send to a non-local e-mail address.",
		"550 relay not permitted",
	}
	unknownWords = []string{ // in languages and shapes that no table has
		"550 5.7.1 nie dla ciebie", "554 5.7.1 Access denied", "550 rejected", "550 5.0.0 Command rejected", "553 5.3.0 Denied by policy", "550 Ακόμα μία φορά",
		"554 no",
	}
	userWords = []string{
		"550 5.1.1 %s: Recipient address rejected: User unknown in local recipient table", "550 5.1.1 User unknown", "550 no such user here",
		"550 sorry, no mailbox here by that name. (#5.1.1)", "550 Invalid recipient: %s", "553 5.1.1 unknown recipient",
	}
	domainWords = []string{
		"556 5.1.10 %s: Recipient address rejected: Domain example.org does not accept mail (nullMX)", "450 4.1.2 %s: Recipient address rejected: Domain not found",
		"550 Unrouteable address", "550 5.1.1 Recipient address rejected: undeliverable address: host mx.example.org[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
	}
	clientWords = []string{
		"554 5.7.1 <unknown[127.0.0.1]>: Client host rejected: Access denied", "554 5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.example.net",
		"550 5.7.1 Mail from 127.0.0.1 refused", "550 5.7.25 no reverse DNS",
	}
	laterWords = []string{
		"450 4.2.0 Greylisted, please try again in 20 seconds", "451 4.7.1 Try again later", "450 4.7.1 rejected", "451 4.3.0 Temporary lookup failure", "450 nie teraz",
		"452 4.3.1 Insufficient system storage",
	}
	byeWords    = []string{"421 4.7.0 Error: too many errors", "421 4.3.0 Try again later", "421 bye", "-"}
	senderWords = []string{
		"550 5.7.1 %s: Sender address rejected: Access denied", "450 4.1.8 %s: Sender address rejected: Domain not found", "553 5.1.8 Domain of sender address does not exist",
		"550 5.7.1 nie dla ciebie", "501 5.1.7 malformed address", "550 rejected",
	}
	syntaxWords = []string{"501 5.1.3 Bad recipient address syntax", "553 5.1.3 malformed address", "550 5.7.1 restricted characters in address", "501 Syntax error in parameters"}
	rcptLimits  = []string{"452 4.5.3 Too many recipients", "452 Too many recipients received this hour", "451 4.5.3 One recipient at a time", "550 5.5.3 Too many recipients"}
	mailLimits  = []string{"421 4.7.0 One mail a connection", "452 4.5.3 Only one mail per connection", "503 5.5.1 Only one transaction per session", "-", "450 4.7.1 slow down"}
)

func among(r *rand.Rand, tables ...[]string) string { return pick(r, slices.Concat(tables...)) }

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// draw is the server of a seed: with a few oddities, seldom with many.
func draw(seed uint64) (m mta) {
	r := rand.New(rand.NewPCG(seed, 1))
	many := 1 + r.IntN(12) // the higher, the plainer
	some := func(of int) bool { return r.IntN(of*many) < 3 }
	ids := slices.Sorted(maps.Keys(holes))
	m.Range, m.Quick, m.ProofRcpt, m.Guessed, m.Patient = r.IntN(4) == 0, r.IntN(4) == 0, r.IntN(10) == 0, r.IntN(6) == 0, r.IntN(2) == 0
	m.Submission, m.TLS, m.Stepwise = r.IntN(12) == 0, r.IntN(12) == 0, r.IntN(5) == 0
	if r.IntN(2) == 0 {
		for range 1 + r.IntN(2) {
			m.Holes = append(m.Holes, pick(r, ids))
		}
	}
	if some(12) {
		m.Machines = 2 + r.IntN(3)
		m.HolesOn = r.IntN(m.Machines)
	}
	m.CatchAll, m.HostOwn, m.Literal, m.LooksUp = some(6), some(3), some(4), some(20)
	if some(5) {
		m.Mailboxes = 1 + r.IntN(3)
	}
	if some(2) {
		m.Denial = among(r, relayWords, unknownWords, userWords, domainWords, clientWords, laterWords)
	}
	m.AtData = some(10)
	if some(4) {
		m.Unknown = among(r, relayWords, unknownWords, userWords, clientWords, laterWords)
	}
	if some(4) {
		m.Strict = among(r, syntaxWords, unknownWords, userWords, relayWords)
	}
	for _, field := range []*string{&m.Senders, &m.NullSender, &m.OwnSenders, &m.OddSenders} {
		if some(8) {
			*field = among(r, senderWords)
		}
	}
	m.SenderLate = r.IntN(2) == 0
	if some(10) {
		m.Helo = pick(r, []string{"", "!"}) + among(r, []string{"550 5.7.1 bogus HELO name used", "550 rejected", "501 5.0.0 Invalid domain name", "450 4.7.1 Helo command rejected: Host not found"}, relayWords, clientWords, laterWords)
	}
	m.Spares = spared(r.IntN(3))
	if some(12) { // in words about relaying it could not be told from one that relays for nobody
		m.Block = among(r, unknownWords, userWords, clientWords, laterWords, byeWords)
	}
	if some(5) {
		m.Ban = among(r, relayWords, unknownWords, userWords, domainWords, clientWords, laterWords, byeWords)
		m.BanAfter, m.BanLasts = 1+r.IntN(pick(r, []int{3, 10, 30})), lasting(r.IntN(3))
	}
	if some(8) {
		m.Most, m.MostHangs = r.IntN(10), r.IntN(2) == 0
	}
	if some(8) {
		m.Rcpts, m.RcptWords = 1+r.IntN(5), among(r, rcptLimits)
	}
	if some(8) {
		m.Mails, m.MailWords = 1+r.IntN(5), among(r, mailLimits)
	}
	if some(8) {
		m.Grey, m.GreyWords, m.GreyAll = time.Duration(1+r.IntN(90))*time.Second, among(r, laterWords), r.IntN(2) == 0
	}
	if some(10) {
		m.Flaky, m.FlakyWords = pick(r, []int{3, 30, 200}), among(r, laterWords, byeWords, []string{"503 5.5.1 Bad sequence of commands", "550 rejected"})
	}
	if some(20) {
		m.DataRefuse = among(r, relayWords, unknownWords, laterWords, byeWords, []string{"503 5.5.1 no valid recipients", "554 5.7.1 Message rejected as spam"})
	}
	return m
}

// profile are the vectors that a server is asked for.
func (m mta) profile() []probe.Vector {
	if m.Quick {
		return quickVectors
	}
	return standardVectors
}

var (
	quickVectors, _    = probe.Select("quick", false)
	standardVectors, _ = probe.Select("standard", false)
)
