package simnet

import (
	"net/netip"
	"strings"
	"time"
)

// dialogue is one session as a server sees it: what to answer to the next line, and how late.
type dialogue struct {
	o      *Options
	counts *Counts
	addr   netip.Addr
	is     Behaviour
	piped  bool // PIPELINING is offered

	greeted bool
	over    bool // the last reply was given
	mail    bool // MAIL was accepted
	rcpt    bool // a recipient was accepted
	foreign bool // one that is not ours
	message bool // between 354 and the lone dot
	errors  int  // 4xx and 5xx
	refused int  // recipients
}

const (
	ok       = "250 2.0.0 Ok"
	sequence = "503 5.5.1 Error: bad sequence of commands"
	denied   = "550 5.7.1 Relaying denied"
	noSync   = "554 5.5.0 Error: SMTP protocol synchronization"
	tooMany  = "421 4.7.0 Error: too many errors"
)

func (d *dialogue) host() string {
	return "mx-" + strings.ReplaceAll(d.addr.String(), ".", "-") + ".local.test"
}

// greeting is the first reply, and how much later than the network makes it it comes.
func (d *dialogue) greeting() (string, time.Duration) {
	late := d.delay()
	if d.is.late == lateGreeting {
		late += d.o.SlowGreeting
	}
	if d.is.greeting == "" {
		return "220 " + d.host() + " ESMTP", late
	}
	d.over = strings.HasPrefix(d.is.greeting, "421")
	return d.is.greeting, late
}

// delay is how much later than the network makes it the next reply comes. Postfix sleeps before every
// reply, good or bad, once there were enough errors before it.
func (d *dialogue) delay() (late time.Duration) {
	if d.is.late == lateReplies {
		late = d.o.Tarpit
	}
	if d.o.SoftErrors > 0 && d.errors >= d.o.SoftErrors {
		late += d.o.ErrorDelay
	}
	return late
}

// early reports whether a client sent more than it may before it has read our replies: anything before
// the greeting, a second command where PIPELINING is not offered, or one after a command that must be
// the last of its group (RFC 2920 3.1).
func (d *dialogue) early(line string, more bool) bool {
	if !d.o.Strict || d.message {
		return false
	}
	v := verb(line)
	return !d.greeted || more && (!d.piped || v == "EHLO" || v == "HELO" || v == "DATA" || v == "QUIT")
}

// answer is the reply to a line, "" for none; more says that another line has come already.
func (d *dialogue) answer(line string, more bool) string {
	if d.early(line, more) {
		d.counts.SyncErrors++
		d.over = true
		return noSync
	}
	if d.message {
		return d.body(line)
	}
	reply := d.command(line)
	if reply[0] >= '4' {
		d.errors++
	}
	return reply
}

// overdrawn ends the session with a reply nobody asked for, if there were too many errors.
func (d *dialogue) overdrawn() bool {
	if d.over || d.o.HardErrors == 0 || d.errors < d.o.HardErrors {
		return false
	}
	d.over = true
	d.counts.Cut++
	return true
}

func verb(line string) string {
	v, _, _ := strings.Cut(line, " ")
	return strings.ToUpper(v)
}

func (d *dialogue) command(line string) string {
	v := verb(line)
	answer, known := verbs[v]
	if !known {
		v = "other"
	}
	d.counts.Commands[v]++
	switch {
	case strings.HasPrefix(d.is.greeting, "5") && v != "QUIT": // RFC 5321 3.1
		return sequence
	case !known:
		return "502 5.5.2 Error: command not recognized"
	}
	return answer(d, line)
}

var verbs = map[string]func(*dialogue, string) string{
	"EHLO": (*dialogue).hello,
	"HELO": func(d *dialogue, _ string) string { return "250 " + d.host() },
	"MAIL": (*dialogue).from,
	"RCPT": (*dialogue).to,
	"DATA": (*dialogue).data,
	"RSET": func(d *dialogue, _ string) string { d.clear(); return ok },
	"NOOP": func(*dialogue, string) string { return ok },
	"VRFY": func(*dialogue, string) string { return "252 2.0.0 Cannot VRFY user" },
	"QUIT": func(d *dialogue, _ string) string { d.over = true; return "221 2.0.0 Bye" },
}

func (d *dialogue) clear() { d.mail, d.rcpt, d.foreign = false, false, false }

func (d *dialogue) hello(string) string {
	d.clear()
	reply := "250-" + d.host() + "\r\n250-SIZE 10240000\r\n"
	if d.piped {
		reply += "250-PIPELINING\r\n"
	}
	return reply + "250-ENHANCEDSTATUSCODES\r\n250 8BITMIME"
}

func (d *dialogue) from(string) string {
	switch {
	case d.mail:
		return "503 5.5.1 Error: nested MAIL command"
	case d.is.mail != "":
		return d.is.mail
	}
	d.mail = true
	return "250 2.1.0 Ok"
}

// to answers RCPT. Every server takes mail for postmaster and for no other user of local.test.
func (d *dialogue) to(line string) string {
	_, to, _ := strings.Cut(line, ":")
	to = strings.ToLower(strings.TrimSpace(to))
	ours := strings.HasSuffix(to, "@local.test>") && !strings.ContainsAny(to, `%!:"`)
	reply := denied
	switch {
	case !d.mail:
		return sequence
	case to == "<postmaster>" || to == "<postmaster@local.test>":
		d.rcpt = true
		return "250 2.1.5 Ok"
	case ours:
		reply = "550 5.1.1 User unknown"
	case d.is.relays != nil && d.is.relays(to):
		d.counts.Accepted++
		d.rcpt, d.foreign = true, true
		return "250 2.1.5 Ok"
	case d.is.refusal != "":
		reply = d.is.refusal
	}
	d.refused++
	d.counts.MaxRefused = max(d.counts.MaxRefused, d.refused)
	return reply
}

func (d *dialogue) data(string) string {
	if !d.foreign {
		d.counts.UnaskedData++
	}
	if !d.rcpt {
		return "554 5.5.1 Error: no valid recipients"
	}
	d.message = true
	return "354 End data with <CR><LF>.<CR><LF>"
}

// body takes a line of a message.
func (d *dialogue) body(line string) string {
	if line != "." {
		return ""
	}
	d.counts.Messages++
	d.message = false
	d.clear()
	return ok
}
