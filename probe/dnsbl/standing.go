package dnsbl

import (
	"time"
)

// Standing is what the block lists say of one address or name: a line of
// `openrelay blocklist --format jsonl`.
type Standing struct {
	Schema   int       `json:"schema"`
	Target   string    `json:"target"`         // the address or name asked about
	Name     string    `json:"name,omitempty"` // the host the address was reached by
	Named    bool      `json:"named"`          // the user named it; false for an address out of a range
	Status   Status    `json:"status"`         // listed if any list says so, clean if any that works says not
	Why      string    `json:"why,omitempty"`  // why no list could be asked
	Listings []Listing `json:"listings"`       // of every list that was to be asked
	Started  time.Time `json:"started"`
	TookMS   int64     `json:"took_ms"`
}

// StandingSchema is the version of [Standing]. Fields may be added within a version.
const StandingSchema = 1
