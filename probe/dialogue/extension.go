package dialogue

import "strings"

// Extension looks a keyword up in a reply to EHLO (RFC 5321 4.1.1.1), whatever its case, and returns
// its parameters. The first line is the server's name and holds no keyword.
func Extension(ehlo Reply, keyword string) (params string, ok bool) {
	for i, line := range ehlo.Lines {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i > 0 && strings.EqualFold(word, keyword) {
			return rest, true
		}
	}
	return "", false
}
