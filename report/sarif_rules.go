package report

import (
	"fmt"
	"strings"

	"openrelay/probe"
	"openrelay/probe/words"
)

// sarifRule describes one kind of result (SARIF 2.1.0, 3.49).
type sarifRule struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Short      sarifText       `json:"shortDescription"`
	Full       sarifText       `json:"fullDescription"`
	Help       sarifText       `json:"help"`
	HelpURI    string          `json:"helpUri,omitempty"`
	Default    sarifConfig     `json:"defaultConfiguration"`
	Properties sarifRuleValues `json:"properties"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifRuleValues struct {
	Tags      []string `json:"tags"`
	Precision string   `json:"precision"`
	Severity  string   `json:"security-severity,omitempty"` // CVSS: GitHub calls over 9 critical, from 7 high
	Problem   string   `json:"problem.severity,omitempty"`
}

// openSeverity is the CVSS 3.1 base score of an open relay, AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:H/A:N: anybody
// uses it from anywhere, and it harms others than its owner.
const openSeverity = "8.6"

// sarifRules are the rules by number: those of the vectors, those of the reasons, those of what is not as expected, and
// at the end what a later version of the record may know besides.
type sarifRules struct {
	list []sarifRule
	at   map[string]int
}

func newSARIFRules() sarifRules {
	rules := sarifRules{at: map[string]int{}}
	for i := range probe.Vectors {
		rules.add(vectorRule(&probe.Vectors[i]))
	}
	for _, v := range []probe.Verdict{probe.Unreachable, probe.Inconclusive} {
		for _, w := range words.OfReasons(v) {
			rules.add(reasonRule(v, w))
		}
	}
	rules.add(standingRule(probe.Worse, "error"))
	rules.add(standingRule(probe.Better, "note"))
	return rules
}

func (s *sarifRules) add(rule sarifRule) {
	s.at[rule.ID] = len(s.list)
	s.list = append(s.list, rule)
}

func (s *sarifRules) index(id string) int {
	if _, ok := s.at[id]; !ok {
		s.add(sarifRule{
			ID: id, Name: pascal("unknown-" + id), Short: sarifText{Text: sentence(id)}, Full: sarifText{Text: sentence(id)},
			Help: sarifText{Text: "A later version of openrelay knows what this is."}, Default: sarifConfig{"warning"},
			Properties: sarifRuleValues{Tags: []string{"smtp"}, Precision: "high", Problem: "warning"},
		})
	}
	return s.at[id]
}

func vectorRule(v *probe.Vector) sarifRule {
	precision := "very-high"
	if v.Suspect {
		precision = "high"
	}
	commands := strings.Join(v.Dialogue(), "\n")
	return sarifRule{
		ID: v.ID, Name: pascal("open-relay-" + v.ID),
		Short: sarifText{Text: sentence("open relay: " + v.Title)},
		Full:  sarifText{Text: v.Why},
		Help: sarifText{
			Text: fmt.Sprintf("%s\n\n%s\n\n%s\n\nThe same by server: openrelay explain %s", v.Why, v.Fix, commands, v.ID),
			Markdown: fmt.Sprintf("%s\n\n**Fix:** %s\n\n```\n%s\n```\n\nThe same by server: `openrelay explain %s`",
				inline(v.Why), inline(v.Fix), commands, v.ID),
		},
		HelpURI:    rfcURI(v.RFC),
		Default:    sarifConfig{"error"},
		Properties: sarifRuleValues{Tags: []string{"security", "smtp", "open-relay"}, Precision: precision, Severity: openSeverity},
	}
}

func reasonRule(v probe.Verdict, w words.Entry) sarifRule {
	level := "warning"
	if v == probe.Unreachable {
		level = "note"
	}
	return wordRule(w, v.String()+"-"+w.Word, v.String(), level)
}

func standingRule(found probe.Standing, level string) sarifRule {
	w, _ := words.Find(words.Standing, string(found))
	return wordRule(w, w.Word+"-than-expected", standingWords(found), level)
}

// wordRule is the rule of a word of the reports, said of what.
func wordRule(w words.Entry, name, what, level string) sarifRule {
	text := sarifText{Text: sentence(what + ": " + w.Says)}
	return sarifRule{
		ID: w.Word, Name: pascal(name), Short: text, Full: text,
		Help:    sarifText{Text: w.WayOut, Markdown: inline(w.WayOut)},
		Default: sarifConfig{level},
		Properties: sarifRuleValues{Tags: []string{"smtp", what}, Precision: "high",
			Problem: map[string]string{"error": "error", "warning": "warning", "note": "recommendation"}[level]},
	}
}

// pascal writes an id as SARIF likes names: sender-own-domain as SenderOwnDomain.
func pascal(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// rfcURI turns "RFC 5321 3.6.2" into the address of that section.
func rfcURI(ref string) string {
	words := strings.Fields(ref)
	if len(words) < 2 || words[0] != "RFC" {
		return ""
	}
	uri := "https://www.rfc-editor.org/rfc/rfc" + strings.TrimSuffix(words[1], ",")
	if len(words) > 2 && strings.Trim(words[2], "0123456789.") == "" {
		uri += "#section-" + words[2]
	}
	return uri
}
