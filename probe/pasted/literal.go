package pasted

import (
	"strconv"
	"strings"
)

// unliteral reads a string or bytes literal as Python prints it, or returns it as it is. CR LF becomes LF.
func unliteral(s string) string {
	body := strings.TrimPrefix(s, "b")
	if len(body) < 2 || body[0] != body[len(body)-1] || body[0] != '\'' && body[0] != '"' {
		return s
	}
	var out strings.Builder
	for body = body[1 : len(body)-1]; body != ""; {
		if body[0] != '\\' || len(body) < 2 {
			out.WriteByte(body[0])
			body = body[1:]
			continue
		}
		value, n := escaped(body)
		out.WriteString(value)
		body = body[n:]
	}
	return strings.TrimSuffix(strings.ReplaceAll(out.String(), "\r\n", "\n"), "\n")
}

// escaped reads the escape that s begins with, and returns its length.
func escaped(s string) (value string, n int) {
	if i := strings.IndexByte(`nrt\'"`, s[1]); i >= 0 {
		return "\n\r\t\\'\""[i : i+1], 2
	}
	if s[1] == 'x' && len(s) >= 4 {
		if b, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
			return string([]byte{byte(b)}), 4
		}
	}
	return s[:2], 2
}
