package prober

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// mta is a mail server of which everything is known. The zero one relays for nobody: it takes mail for its postmaster,
// knows no other user, and refuses strangers in Postfix's words. Every field that is not zero is one oddity, so that a
// server that is judged wrongly can be stripped of those that do not matter.
type mta struct {
	// How it is asked.
	Range, Quick, ProofRcpt, Guessed bool // Guessed: nobody says what its own domain is
	Patient                          bool // we come back for a minute
	Submission                       bool // on port 587, with a login on offer

	Holes     []string // of the table below
	Machines  int      // by turns, one connection each; 0 for one
	HolesOn   int      // the machine that has the holes
	CatchAll  bool     // takes every local name
	HostOwn   bool     // takes mail for its host name too
	Literal   bool     // and for its address
	Mailboxes int      // who is not taken: 1 the postmaster of the domain, 2 the bare one, 3 both
	LooksUp   bool     // takes an unknown user once, and knows then

	Denial     string // of strangers; Postfix's words by default
	AtData     bool   // and not before DATA
	Unknown    string // of users it does not know
	Strict     string // of forms that RFC 5321 does not know
	Senders    string // of foreign senders
	NullSender string
	OwnSenders string // of its own domain
	OddSenders string // without a domain that exists
	SenderLate bool   // at RCPT, not at MAIL
	Helo       string // of names that are its own, or localhost

	Block  string // of everybody
	Spares spared // but those, by Block and by Ban

	Ban      string // of everybody, after so many refusals
	BanAfter int
	BanLasts lasting

	Most      int // refusals on a connection, then 421 or nothing
	MostHangs bool
	Rcpts     int // recipients a mail
	RcptWords string
	Mails     int // mails a connection
	MailWords string

	Grey      time.Duration // how long strangers are put off
	GreyWords string
	GreyAll   bool // and everybody else

	Flaky      int // of a thousand commands are answered so
	FlakyWords string

	Stepwise   bool // no PIPELINING
	TLS        bool // STARTTLS is offered
	DataRefuse string
}

// spared is whom a block or a ban spares.
type spared int

const (
	sparesNobody spared = iota
	sparesBare
	sparesPostmasters
)

// lasting is how long a ban lasts.
type lasting int

const (
	onConnection lasting = iota
	forGood
	aMinute
)

// mtaState is a server while it is asked.
type mtaState struct {
	mta
	rand        *rand.Rand
	clock       time.Duration
	connections int
	refused     int
	banned      bool
	bannedAt    time.Duration
	seen        time.Duration // when it first put somebody off; -1 before
	lookedUp    map[string]bool

	relayed      bool // anything
	shownSuspect string
	shown        string // a stranger in an unsuspect form that it took to be relayed, alone
}

func (m mta) start(seed uint64) *mtaState {
	return &mtaState{mta: m, rand: rand.New(rand.NewPCG(seed, 2)), seen: -1, lookedUp: make(map[string]bool)}
}

// mtaTalk is one connection to it.
type mtaTalk struct {
	s            *mtaState
	machine      int
	encrypted    bool
	verb, helo   string
	from         string
	rcpts        []string
	strangers    int // of these
	asked, mails int
	refused      int
	over         bool
	relaying     bool // what was last taken is to be relayed
}

func (s *mtaState) connect() *mtaTalk {
	t := &mtaTalk{s: s}
	if s.Machines > 0 {
		t.machine = s.connections % s.Machines
	}
	s.connections++
	return t
}

// answer is the whole reply to a command, "" where it hangs up.
func (t *mtaTalk) answer(line string) string {
	reply := t.reply(line)
	if reply == "" || reply == "-" || t.over {
		t.over = true
		return ""
	}
	if reply[0] >= '4' {
		t.refuse()
		if t.s.Most > 0 && t.refused > t.s.Most {
			t.over = true
			if t.s.MostHangs {
				return ""
			}
			return "421 4.7.0 Error: too many errors"
		}
	}
	t.over = t.over || strings.HasPrefix(reply, "421") || strings.HasPrefix(reply, "221")
	return reply
}

func (t *mtaTalk) refuse() {
	t.refused++
	t.s.refused++
	if t.s.Ban == "" || t.s.banned {
		return
	}
	if t.s.BanLasts != onConnection && t.s.refused >= max(t.s.BanAfter, 1) {
		t.s.banned, t.s.bannedAt = true, t.s.clock
	}
}

func (t *mtaTalk) inBan() bool {
	switch s := t.s; {
	case s.Ban == "":
		return false
	case s.BanLasts == onConnection:
		return t.refused >= max(s.BanAfter, 1)
	case s.banned && s.BanLasts == aMinute && s.clock > s.bannedAt+20*time.Second:
		s.banned, s.refused = false, 0
		return false
	default:
		return s.banned
	}
}

func (t *mtaTalk) reply(line string) string {
	s, upper := t.s, strings.ToUpper(line)
	verb, arg, _ := strings.Cut(line, " ")
	if s.Flaky > 0 && s.rand.IntN(1000) < s.Flaky && strings.ToUpper(verb) != "QUIT" {
		return s.FlakyWords
	}
	switch {
	case strings.HasPrefix(upper, "EHLO"), strings.HasPrefix(upper, "HELO"):
		t.verb, t.helo = upper[:4], arg
		if own := arg == "localhost" || strings.HasSuffix(arg, "local.test"); own && s.Helo != "" && s.Helo[0] == '!' {
			return s.Helo[1:]
		}
		return t.hello()
	case strings.HasPrefix(upper, "AUTH"):
		return "535 5.7.8 Error: authentication failed"
	case upper == "STARTTLS" && s.TLS:
		return "220 2.0.0 Ready to start TLS"
	case strings.HasPrefix(upper, "MAIL FROM:"):
		return t.mail(line[len("MAIL FROM:"):])
	case strings.HasPrefix(upper, "RCPT TO:"):
		return t.rcpt(line[len("RCPT TO:"):])
	case upper == "DATA":
		return t.data()
	case upper == "RSET":
		t.from, t.rcpts = "", nil
		return "250 2.0.0 Ok"
	case upper == "QUIT":
		return "221 2.0.0 Bye"
	}
	return "502 5.5.2 Error: command not recognized"
}

func (t *mtaTalk) hello() string {
	lines := []string{"mx.local.test"}
	if t.verb == "EHLO" {
		if !t.s.Stepwise {
			lines = append(lines, "PIPELINING")
		}
		if t.s.TLS && !t.encrypted {
			lines = append(lines, "STARTTLS")
		}
		if t.s.Submission {
			lines = append(lines, "AUTH PLAIN LOGIN")
		}
		lines = append(lines, "8BITMIME")
	}
	for i := range lines {
		lines[i] = map[bool]string{true: "250 ", false: "250-"}[i == len(lines)-1] + lines[i]
	}
	return strings.Join(lines, "\r\n")
}

func (t *mtaTalk) mail(from string) string {
	s := t.s
	t.from, t.rcpts, t.strangers, t.asked = "", nil, 0, 0
	t.mails++
	if s.Mails > 0 && t.mails > s.Mails {
		return s.MailWords
	}
	if words := s.minds(from); words != "" && !s.SenderLate {
		return fill(words, from)
	}
	t.from = from
	return "250 2.1.0 Ok"
}

// minds is how a sender is refused, "" where it is not.
func (s *mtaState) minds(from string) string {
	switch d := domainIn(from); {
	case from == "<>":
		return s.NullSender
	case strings.HasSuffix(d, "local.test"), d == "[127.100.0.1]":
		return s.OwnSenders
	case d == "localhost", !strings.Contains(from, "@"):
		return s.OddSenders
	}
	return s.Senders
}

// fill puts an address into the words.
func fill(words, address string) string {
	if strings.Contains(words, "%s") {
		return fmt.Sprintf(words, address)
	}
	return words
}

func or(words, usual string) string {
	if words == "" {
		return usual
	}
	return words
}

func (t *mtaTalk) rcpt(to string) string {
	s := t.s
	if t.from == "" {
		return "503 5.5.1 Error: need MAIL command"
	}
	t.asked++
	t.relaying = false
	spared := s.Spares > sparesNobody && strings.EqualFold(to, "<postmaster>") ||
		s.Spares == sparesPostmasters && strings.EqualFold(to, "<postmaster@local.test>")
	switch {
	case s.Rcpts > 0 && t.asked > s.Rcpts:
		return s.RcptWords
	case t.inBan() && !spared:
		return fill(s.Ban, to)
	case s.Block != "" && !spared:
		return fill(s.Block, to)
	}
	if words := s.minds(t.from); words != "" && s.SenderLate {
		return fill(words, t.from)
	}
	if own := t.helo == "localhost" || strings.HasSuffix(t.helo, "local.test"); own && s.Helo != "" && s.Helo[0] != '!' {
		return s.Helo
	}
	reply, stranger := t.decide(to)
	if s.Grey > 0 && (s.GreyAll || stranger) && (reply[0] == '2' || stranger) {
		if s.seen < 0 {
			s.seen = s.clock
		}
		if s.clock < s.seen+s.Grey {
			return s.GreyWords
		}
	}
	if reply[0] == '2' {
		t.rcpts = append(t.rcpts, to)
		if stranger {
			t.strangers++
		}
		t.relaying = stranger
		s.relayed = s.relayed || stranger && t.relays(to, strings.ContainsAny(to, `%!"`))
		if stranger && len(t.rcpts) == 1 && t.relays(to, !strings.Contains(to, "@") || strings.ContainsAny(to, `%!"`)) {
			if strings.ContainsAny(to, `%!"[`) {
				s.shownSuspect = t.from + " " + to
			} else {
				s.shown = t.from + " " + to
			}
		}
	}
	return reply
}

const ok = "250 2.1.5 Ok"

// decide answers for a recipient, and tells whether it is a stranger in whatever form: one whose mail would leave.
func (t *mtaTalk) decide(to string) (reply string, stranger bool) {
	s := t.s
	domain := domainIn(to)
	bare := !strings.Contains(to, "@") || strings.HasPrefix(to, "<\"") && strings.HasSuffix(to, "\">")
	own := domain == "local.test" || s.HostOwn && domain == "mx.local.test" || s.Literal && domain == "[127.100.0.1]"
	odd := strings.ContainsAny(to, `%!"`) || strings.HasPrefix(to, "<@") || strings.Count(to, "@") > 1 || strings.HasSuffix(to, ".>") ||
		strings.HasSuffix(to, "@>") || !strings.HasPrefix(to, "<") || bare && !strings.EqualFold(to, "<postmaster>")
	local := !strings.HasPrefix(to, "<@") && (own || bare)
	if t.relays(to, local) {
		return ok, true
	}
	switch {
	case odd && s.Strict != "":
		return fill(s.Strict, to), false
	case strings.EqualFold(to, "<postmaster>") && s.Mailboxes < 2, to == "<postmaster@local.test>" && s.Mailboxes%2 == 0:
		return ok, false
	case local && s.CatchAll:
		return ok, false
	case local && s.LooksUp && !s.lookedUp[to]:
		s.lookedUp[to] = true
		return ok, false
	case local:
		return fill(or(s.Unknown, "550 5.1.1 %s: Recipient address rejected: User unknown in local recipient table"), to), false
	case s.AtData:
		return ok, true
	}
	return fill(or(s.Denial, "454 4.7.1 %s: Relay access denied"), to), true
}

// relays reports whether mail for a stranger goes through one of the holes.
func (t *mtaTalk) relays(to string, local bool) bool {
	if t.s.Machines > 0 && t.machine != t.s.HolesOn {
		return false
	}
	return slices.ContainsFunc(t.s.Holes, func(h string) bool {
		return (!local || slices.Contains(formHoles, h)) && holes[h](t, to)
	})
}

func (t *mtaTalk) data() string {
	switch s := t.s; {
	case len(t.rcpts) == 0:
		return "554 5.5.1 Error: no valid recipients"
	case s.DataRefuse != "":
		return s.DataRefuse
	case s.AtData && t.strangers > 0 && !t.relays(t.rcpts[len(t.rcpts)-1], false):
		return fill(or(s.Denial, "554 5.7.1 Relay access denied"), t.rcpts[0])
	}
	return "354 End data with <CR><LF>.<CR><LF>"
}
