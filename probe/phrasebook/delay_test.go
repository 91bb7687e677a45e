package phrasebook

import (
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	for reply, want := range map[string]time.Duration{
		"450 4.2.0 Greylisted, try again in 300 seconds":                                  5 * time.Minute,
		"450 4.7.1 Greylisting in action, please come back in 00:04:58":                   4*time.Minute + 58*time.Second,
		"451 4.7.1 Please try again in 5 minutes":                                         5 * time.Minute,
		"451 greylisted for 60s":                                                          time.Minute,
		"451 come back in 1 hour":                                                         time.Hour,
		"450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/example.org.html":   0,
		"450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.99]": 0,
	} {
		if got := Delay(parse(t, reply)); got != want {
			t.Errorf("Delay(%q) = %v, want %v", reply, got, want)
		}
	}
}
