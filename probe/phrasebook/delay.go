package phrasebook

import (
	"regexp"
	"strconv"
	"time"

	"openrelay/probe/dialogue"
)

var (
	clockDelay = regexp.MustCompile(`\b(\d{1,2}):(\d\d):(\d\d)\b`) // milter-greylist
	wordDelay  = regexp.MustCompile(`(?i)\b(\d{1,5}) ?(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b`)
)

// Delay returns how long a server asks us to stay away, 0 where it does not say: "try again in 300
// seconds", "come back in 00:04:58".
func Delay(r dialogue.Reply) time.Duration {
	if m := clockDelay.FindStringSubmatch(r.Text()); m != nil {
		return number(m[1])*time.Hour + number(m[2])*time.Minute + number(m[3])*time.Second
	}
	m := wordDelay.FindStringSubmatch(r.Text())
	if m == nil {
		return 0
	}
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour}
	return number(m[1]) * unit[m[2][0]|0x20]
}

func number(digits string) time.Duration {
	n, _ := strconv.Atoi(digits) // at most five digits
	return time.Duration(n)
}
