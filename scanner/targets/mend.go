package targets

import (
	"regexp"
	"slices"
	"strings"
)

// mends are ways to write targets that no Kind has, each with what is meant by it. They are tried in this order, each on
// what the ones before it have left.
var mends = []struct {
	text, meant string // an example
	pattern     *regexp.Regexp
	instead     string
}{
	{`"mail.example.org", 'backup.example.org';`, "mail.example.org backup.example.org", regexp.MustCompile(`["'<>|“”„‘’]+|[,;]+(\s|$)`), " $1"},
	{"- mail.example.org", "mail.example.org", regexp.MustCompile(`^(?:[-*+•]|\d+[.)])\s+`), ""},
	{"192.0.2.1 - 192.0.2.9", "192.0.2.1-192.0.2.9", regexp.MustCompile(`\s*([-/:])\s+|\s+([-/:])`), "$1$2"},
	{"mail.example.org ansible_host=192.0.2.25 ansible_user=ada", "192.0.2.25", regexp.MustCompile(`^.*\sansible_host=(\S+).*$`), "$1"},
	{"mail.example.org ansible_user=ada", "mail.example.org", regexp.MustCompile(`^(\S+)\s+ansible_.*$`), "$1"},
	{"host=mail.example.org", "mail.example.org", regexp.MustCompile(`^\w+=(\S+)$`), "$1"},
	{"example.org. 3600 IN MX 10 mail.example.org.", "mail.example.org.", regexp.MustCompile(`(?i)^(?:.*\bMX\s+)?\d+\s+(\S*[a-z]\S*)$`), "$1"},
	{"https://mail.example.org:8443/owa/", "mail.example.org", regexp.MustCompile(`(?i)^https?://(?:[^/@\s]*@)?(\[[^]\s]*\]|[^/:?#\s]+)\S*$`), "$1"},
	{"smtp://ada@mail.example.org:25/", "mail.example.org:25", regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([^/?#\s]+)\S*$`), "$1"},
	{"Ada <ada@example.org>", "mx:example.org", regexp.MustCompile(`(?i)^(?:.*[\s:])?[^\s@/:]+@([^\s@/:]+)$`), "mx:$1"},
	{"*.example.org", "mx:example.org", regexp.MustCompile(`^\*?\.`), "mx:"},
	{"mail.example.org/24", "mail.example.org", regexp.MustCompile(`(?i)^([^/:\s]*[a-z][^/:\s]*)/[^/:\s]*`), "$1"},
	{"mail.example.org:smtp", "mail.example.org:25", regexp.MustCompile(`(?i):smtp$`), ":25"},
	{"mail.example.org:smtps", "mail.example.org:465", regexp.MustCompile(`(?i):(?:smtps|submissions)$`), ":465"},
	{"mail.example.org:submission", "mail.example.org:587", regexp.MustCompile(`(?i):submission$`), ":587"},
	{"mail.example.org:", "mail.example.org", regexp.MustCompile(`(\.\S*):$`), "$1"},
	{"192.0.2.0/24:25-587", "192.0.2.0/24:25 192.0.2.0/24:587", regexp.MustCompile(`^(\S+):(\d+)-(\d+)$`), "$1:$2 $1:$3"},
	{"mx:example.org:25:26", "mx:example.org:25 mx:example.org:26", regexp.MustCompile(`(?i)^((?:mx:)?[^:\s]+):(\d+):(\d+)$`), "$1:$2 $1:$3"},
	{"mail.example.org;587", "mail.example.org:587", regexp.MustCompile(`[,;]`), " "},
	{"mx:192.0.2.25", "192.0.2.25", regexp.MustCompile(`(?i)^mx:`), ""},
}

// mended are the targets that were probably meant by a text that is none, nil where nobody can tell.
func mended(text string) []string {
	if len(text) > mostHint {
		return nil
	}
	for _, m := range mends {
		text = strings.TrimSpace(m.pattern.ReplaceAllString(text, m.instead))
		if texts := ported(lineWords(text)); areTargets(texts) {
			return texts
		}
	}
	return nil
}

func areTargets(texts []string) bool {
	return every(texts, func(spec) bool { return true })
}

func addressesOnly(texts []string) bool {
	return every(texts, func(s spec) bool { return s.host == "" })
}

// every reports whether there are texts, and each is a target and as it should be.
func every(texts []string, right func(spec) bool) bool {
	return len(texts) > 0 && !slices.ContainsFunc(texts, func(text string) bool {
		kind := KindOf(text)
		if kind.parse == nil {
			return true
		}
		s, err := kind.parse(word{text: text})
		return err != nil || !right(s)
	})
}

// right reports whether a line names targets as it should: what is wrong with it is something else.
func (w word) right() bool {
	texts, err := w.split()
	return err == nil && areTargets(texts)
}

// mend is a mistake with the targets that were meant by its text as the hint, where that can be told.
func (w word) mend(err error) error {
	mistake, ok := err.(*Error)
	if texts := mended(w.text); ok && texts != nil {
		return hinted(mistake, short(command(texts...)))
	}
	return err
}
