package hostile

import (
	"fmt"
	"strings"
)

// honestly answers every command as an honest server does, and openly as one that relays for everybody.
func honestly(c *call, line string) string {
	if line == "" {
		return greeting
	}
	return c.honest(line)
}

func openly(c *call, line string) string {
	switch verb := strings.ToUpper(line); {
	case strings.HasPrefix(verb, atRcpt):
		return "250 2.1.5 Ok\r\n"
	case verb == atData:
		return "354 go\r\n"
	}
	return honestly(c, line)
}

// verbose goes on behind what there is to say, in lines of so many bytes, for as long as any reply may be. It never says
// the same twice.
func verbose(width int, answer func(*call, string) string) func(*call) {
	return func(c *call) {
		said := 0
		talks(func(c *call, line string) (done, more bool) {
			if !c.tls && strings.EqualFold(line, atStartTLS) {
				return false, true
			}
			return true, c.say(lengthen(answer(c, line), width, &said)) && !strings.EqualFold(line, atQuit)
		})(c)
	}
}

// The longest that a reply may be, in bytes and in lines.
const (
	longest  = 16 << 10
	mostLine = 500
)

// lengthen adds lines to a reply, and counts them.
func lengthen(reply string, width int, said *int) string {
	code, begun := reply[:3], strings.Split(strings.TrimSuffix(reply, "\r\n"), "\r\n")
	var b strings.Builder
	for _, line := range begun {
		b.WriteString(code + "-" + line[4:] + "\r\n")
	}
	for n := len(begun); n < mostLine-1 && b.Len() < longest-2*width; n++ {
		*said++
		fmt.Fprintf(&b, "%s-%0*d\r\n", code, width-len("250-\r\n"), *said)
	}
	return b.String() + code + " that was all\r\n"
}
