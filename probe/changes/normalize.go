package changes

import (
	"regexp"
	"strings"

	"openrelay/probe"
)

// volatile lists what differs between two greetings of one server: the date, and the number of the
// session. Versions stay. A row too many hides a change of the banner, a row too few reports one that
// is none; neither touches a verdict.
var volatile = []struct {
	about, example string
	pattern        *regexp.Regexp
}{
	{"date of a mail (RFC 5322 3.3)", "Mon, 23 Nov 2026 18:00:02 +0100 (CET)",
		regexp.MustCompile(`(?i)\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +)?\d{1,2}[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]\d{2,4},? +\d{1,2}:\d\d(?::\d\d)?(?: +[+-]\d{4}| +[A-Z]{1,5})?(?: +\([A-Z+0-9-]+\))?`)},
	{"date of ctime", "Mon Nov 23 18:00:02 CET 2026",
		regexp.MustCompile(`(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]* +(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* +\d{1,2} +\d{1,2}:\d\d:\d\d(?: +[A-Z]{1,5})? +\d{4}`)},
	{"date of RFC 3339", "2026-11-23T18:00:02.123+01:00",
		regexp.MustCompile(`\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?`)},
	{"time of day", "18:00:02", regexp.MustCompile(`\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b`)},
	{"UUID", "6F9619FF-8B86-D011-B42D-00CF4FC964FF",
		regexp.MustCompile(`\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b`)},
	{"hexadecimal number", "08DE29C1B2A3F4E5", regexp.MustCompile(`\b(?:[0-9A-F]{12,}|[0-9a-f]{12,})\b`)},
	{"long number", "1795456802", regexp.MustCompile(`\b\d{9,}\b`)},
}

// sessionID finds the words that only a machine writes, letters and digits in turn, as Google's
// greeting has them: d9443c01a7336-1f6bd7c9d9csi1234567.123.
var sessionID = regexp.MustCompile(`\S*(?:[A-Za-z]+\d+){4,}\S*`)

// normalize is a greeting without what changes from one connection to the next.
func normalize(banner string) string {
	for _, v := range volatile {
		banner = v.pattern.ReplaceAllLiteralString(banner, "*")
	}
	host, rest, _ := strings.Cut(banner, " ") // a host name may well look like that, and stays
	return strings.Join(strings.Fields(host+" "+sessionID.ReplaceAllLiteralString(rest, "*")), " ")
}

// normalizeCert is a certificate as it is compared: what is wrong with it may name the time of the test.
func normalizeCert(c probe.Cert) probe.Cert {
	c.NotAfter = c.NotAfter.UTC()
	c.VerifyError = normalize(c.VerifyError)
	return c
}
