package dnsbl

import (
	"time"
)

// Listings is what the block lists say of one address or name: a line of
// `openrelay blocklist --format jsonl`.
type Listings struct {
	Type     string    `json:"type"`           // what the record is: "listings"
	Schema   int       `json:"schema"`         // the number of this format
	Target   string    `json:"target"`         // the address or name asked about
	Name     string    `json:"name,omitempty"` // the host the address was reached by
	Named    bool      `json:"named"`          // the user named it; false for an address out of a range
	Status   Status    `json:"status"`         // listed if any list says so, clean if any list that works says not
	Why      string    `json:"why,omitempty"`  // why no list could be asked
	Listings []Listing `json:"listings"`       // the answer of every list that was to be asked
	Started  time.Time `json:"started"`        // when the questions began, in UTC
	TookMS   int64     `json:"took_ms"`        // how long they took, in milliseconds
}

// ListingsType is the type of a record of [Listings].
const ListingsType = "listings"

// ListingsSchema is the version of [Listings]. Fields may be added within a version.
const ListingsSchema = 1
