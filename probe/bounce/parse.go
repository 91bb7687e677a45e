package bounce

import (
	"io"
	"regexp"
	"slices"
	"strings"
)

// Parse reads one message. The error says why it is no mail message; everything else that may be wrong
// with it is in the Bounce. It reads at most 1 MiB and keeps far less.
func (r *Reader) Parse(src io.Reader) (Bounce, error) {
	m, err := readMail(src)
	if err != nil {
		return Bounce{}, err
	}
	b := r.judge(m)
	b.Message = 1
	if m.stopped != nil && len(b.Findings) == 0 {
		b.Why = strings.TrimPrefix(b.Why+"; "+m.stopped.Error(), "; ")
	}
	return b, nil
}

// judge makes of the parts of a message what it says.
func (r *Reader) judge(m *mail) Bounce {
	text, came := m.split()
	if m.returned == "" {
		m.returned = came
	}
	reporter, told := read(text)
	by, noted := notification(m.status)
	b := Bounce{Reporter: or(by, reporter), Findings: []Finding{}}
	if len(noted) == 0 {
		if what := m.notABounce(told); what != "" {
			return Bounce{Kind: NotABounce, Why: what, Findings: []Finding{}}
		}
	}
	if b.Reporter == "" {
		b.Reporter = senderHost(m)
	}
	b.Findings = r.findings(m, text, noted, told, b.Reporter)
	b.Kind = worst(b.Findings)
	if len(b.Findings) == 0 {
		b.Kind, b.Why = Failed, "it looks like a bounce, but its wording is not known here, and it names no reply"
		if delayed.MatchString(text + "\n" + header(m.header, "Subject")) {
			b.Kind = Delayed
		}
	}
	if h, ok := m.returnedHeader(); ok {
		b.Original = r.original(h, b.Reporter)
	}
	return b
}

// split returns the words of a bounce and the header of the message that came back, where that is in
// the same text. HTML is read where the plain text tells nothing.
func (m *mail) split() (words, came string) {
	words = m.text
	if m.page != "" {
		if _, told := read(words); len(told) == 0 {
			words = strings.TrimSpace(words + "\n\n" + m.page)
		}
	}
	if at := original.FindStringIndex(words); at != nil {
		rest := strings.TrimLeft(words[at[1]:], "- \t\n>")
		return words[:at[0]], rest
	}
	return words, ""
}

// findings joins the fields of a notification with what the words for people tell, and judges each.
func (r *Reader) findings(m *mail, text string, noted, told []Finding, reporter string) []Finding {
	late := delayed.MatchString(text + "\n" + header(m.header, "Subject"))
	found := merge(noted, told)
	if len(noted) > 0 && len(found) > len(noted) {
		found = found[:len(noted)] // addresses in the words that the fields do not name
	}
	failed := strings.FieldsFunc(header(m.header, "X-Failed-Recipients"), func(c rune) bool { return c == ',' || c == ' ' })
	for i := range found {
		f := &found[i]
		if f.Recipient == "" && len(failed) == 1 {
			f.Recipient = failed[0]
		}
		if f.Kind == "" {
			f.Kind = Failed
			if late && f.Code < 500 {
				f.Kind = Delayed
			}
		}
		f.locate(reporter)
		f.judge(r.Lists)
	}
	return found
}

var inside = regexp.MustCompile(`(?i)\bhost (` + nameRE + `) ?\[(` + addrRE + `)\](?::\d+)? said: `)

// within are the parts of Exchange that refuse what no other server was asked about.
var within = regexp.MustCompile(`\b(?:RESOLVER|QUEUE|STOREDRV|ROUTING|SMTPSEND|AGENT)\.`)

// locate names the server that refused: the one in the reply where a server tells of another, else the
// one named, else the reporter where it speaks for itself. A reply of a server that is not named leaves
// the name empty.
func (f *Finding) locate(reporter string) {
	if m := inside.FindStringSubmatchIndex(f.Reply); m != nil {
		f.Host, f.Address = f.Reply[m[2]:m[3]], parseAddress(f.Reply[m[4]:m[5]])
		f.Status = ""
		f.quote(f.Reply[m[1]:])
	}
	if f.Host == "" && !f.Address.IsValid() && f.Kind != Delivered && (f.Code == 0 || within.MatchString(f.Reply)) {
		f.Host, f.Local = reporter, true
	}
}

// worst is the kind of a bounce by those of its findings.
func worst(findings []Finding) Kind {
	kind := Delivered
	for _, f := range findings {
		switch {
		case f.Kind == Failed:
			return Failed
		case f.Kind == Delayed:
			kind = Delayed
		}
	}
	return kind
}

var (
	delayed = regexp.MustCompile(`(?i)this\s+is\s+a\s+warning\s+(?:message\s+)?only|(?:message|mail|delivery)[^.]{0,60}\b(?:has\s+been|is|was)\s+delayed|delayed\s+mail|\bdelayed\s+\d+\s+hours|not\s+yet\s+been\s+delivered|(?:delivery|we|server|system)\s+(?:attempts?\s+)?will\s+(?:continue|keep|be\s+retried|retry)|could not send message for past|delivery\s+(?:status\s+notification\s+)?\(?delay\)?\b|delivery incomplete`)

	daemon   = regexp.MustCompile(`(?i)mailer-daemon|postmaster|mail ?delivery|mail administrator|system administrator|mdaemon|microsoftexchange`)
	returned = regexp.MustCompile(`(?i)undeliver|returned mail|deliver[a-z]* (?:status|failure|notification|incomplete|problem|has failed|report)|failure (?:notice|delivery)|mail (?:system error|delivery|failure)|message (?:could not|not delivered|status)|could not be delivered|non ?remis|unzustellbar|delivery.{0,20}(?:fail|delay|warning)|warning: (?:message|could not send)|delayed mail|not deliver|rejected mail|mailenable`)
	answer   = regexp.MustCompile(`(?i)^\s*(?:re|aw|fwd?|wg)\s*:`)
	vacation = regexp.MustCompile(`(?i)out of (?:the )?office|vacation|auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|abwesenheit|abwesend|r[eé]ponse automatique|absence du bureau|respuesta autom`)
)

// reports are the other kinds of multipart/report.
var reports = map[string]string{
	"disposition-notification": "a read receipt (RFC 8098), not a report that a message was refused",
	"feedback-report":          "a complaint about abuse (RFC 5965): somebody marked a message as spam",
	"tlsrpt":                   "a report on TLS (RFC 8460)",
}

// notABounce says what else a message without a delivery status is, "" where it is a bounce. No field
// proves a bounce: it takes what tells who wrote it and what tells what about.
func (m *mail) notABounce(told []Finding) string {
	h := m.header
	if what := reports[m.report]; what != "" {
		return what
	}
	subject := header(h, "Subject")
	auto := strings.ToLower(h.Get("Auto-Submitted"))
	byProgram := strings.TrimSpace(h.Get("Return-Path")) == "<>" || strings.HasPrefix(auto, "auto-")
	byDaemon := daemon.MatchString(header(h, "From"))
	failure := returned.MatchString(subject) && !answer.MatchString(subject)
	quoted := slices.ContainsFunc(told, func(f Finding) bool { return f.Code >= 400 || f.Status != "" || f.Host != "" })
	away := vacation.MatchString(subject) || h.Has("X-Autoreply") || h.Has("X-Autorespond") || strings.Contains(strings.ToLower(h.Get("Precedence")), "auto_reply")
	switch {
	case h.Has("X-Failed-Recipients"), m.report == "delivery-status", byDaemon && failure:
		return ""
	case away:
		return "a vacation answer (RFC 3834), not a report that a message was refused"
	case byProgram && (failure || byDaemon && quoted):
		return ""
	case strings.HasPrefix(auto, "auto-replied"):
		return "an automatic answer (RFC 3834), not a report that a message was refused"
	case strings.HasPrefix(auto, "auto-"):
		return "a message made by a program (RFC 3834), not a report that a message was refused"
	}
	return "ordinary mail: neither a delivery status (RFC 3464) nor the words of a mail server that gave up"
}

// senderHost is the domain of the one who sent the bounce.
func senderHost(m *mail) string {
	_, domain, _ := strings.Cut(mailbox.FindString(header(m.header, "From")), "@")
	return domain
}

var mailbox = regexp.MustCompile(rcptRE)
