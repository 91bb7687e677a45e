package bounce

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"openrelay/probe/dialogue"
	"openrelay/probe/phrasebook"
)

var (
	smtpCode     = regexp.MustCompile(`^([245]\d\d)(?:[ :,#-]|$)`)
	enhancedCode = regexp.MustCompile(`\b[245]\.\d{1,3}\.\d{1,3}\b`)
	replyStatus  = regexp.MustCompile(`^[245]\d\d[ :,#-]+([245]\.\d{1,3}\.\d{1,3})\b|\(#([245]\.\d{1,3}\.\d{1,3})\)|^#?([245]\.\d{1,3}\.\d{1,3})\b`)
	saidBefore   = regexp.MustCompile(`^(?:smtp;|error:|said:|<<<)\s*`)
)

// quote sets what was said: the text with its lines unfolded, its code and its enhanced code.
func (f *Finding) quote(text string) {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\n<<< ", "\n")), " ")
	text = text[len(saidBefore.FindString(strings.ToLower(text[:min(len(text), 8)]))):]
	if len(text) > maxReply {
		text = strings.ToValidUTF8(text[:maxReply], "")
	}
	if len(text) == 0 {
		return
	}
	f.Code = 0
	if m := smtpCode.FindStringSubmatch(text); m != nil {
		f.Code, _ = strconv.Atoi(m[1])
		text = unfold(text, m[1])
	}
	f.Reply = text
	if m := replyStatus.FindStringSubmatch(text); m != nil {
		f.Status = m[1] + m[2] + m[3]
	}
}

// unfold puts each line of a reply of several on a line of its own again, as far as the lines still
// have their codes: "550-one 550 two" (RFC 5321 4.2.1).
func unfold(text, code string) string {
	if !strings.HasPrefix(text, code+"-") {
		return text
	}
	return strings.NewReplacer(" "+code+"-", "\n"+code+"-", " "+code+" ", "\n"+code+" ").Replace(text)
}

// smtpReply is what was said as phrasebook reads it. Where there was no code, one is taken from the
// fate of the message, which tells final from temporary.
func (f *Finding) smtpReply() dialogue.Reply {
	r := dialogue.Reply{Code: f.Code}
	if r.Code == 0 {
		r.Code = 550
		if strings.HasPrefix(f.Status, "4") {
			r.Code = 450
		}
	}
	prefix := fmt.Sprint(f.Code)
	for line := range strings.SplitSeq(f.Reply, "\n") {
		if f.Code != 0 && strings.HasPrefix(line, prefix) {
			line = strings.TrimLeft(line[3:], " :,#-")
		}
		r.Lines = append(r.Lines, line)
	}
	if f.Status != "" && r.Enhanced() == "" {
		r.Lines[0] = strings.TrimSpace(f.Status + " " + r.Lines[0])
	}
	return r
}

var pages = regexp.MustCompile(`(?i)\bhttps?://[^\s"'<>]+`)

// judge says what a finding is about.
func (f *Finding) judge(known []List) {
	if f.Kind == Delivered || f.Reply == "" && f.Status == "" {
		return
	}
	stage := f.Stage
	if stage == "" {
		stage = phrasebook.Unknown
	}
	f.Meaning, _ = phrasebook.Lookup(stage, f.smtpReply())
	for _, u := range pages.FindAllString(f.Reply, 5) {
		f.Pages = append(f.Pages, strings.TrimRight(u, ".,;:)]}"))
	}
	f.Lists = listsIn(f.Reply, f.Host, known)
	s := subjectOf(f)
	f.Subject = s.ID
	f.BlockList = s.ID == BlockListed
	if f.BlockList || f.Meaning == phrasebook.ClientBlocked {
		f.Against = accused(f)
	}
	if !f.BlockList {
		f.Lists = nil
	}
}
