// Package dnsbl asks DNS block lists about an address or a domain (RFC 5782).
package dnsbl

// Listing is what one block list said of one address or name.
type Listing struct {
	Zone   string   `json:"zone"`             // "bl.example.org"
	List   string   `json:"list"`             // what people call it: "Example Block List"
	Query  string   `json:"query"`            // the address or name that was asked about
	Status Status   `json:"status"`           // listed, clean or not-checked
	Kind   Kind     `json:"kind,omitempty"`   // what being listed there means
	Codes  []string `json:"codes,omitempty"`  // the addresses answered: "127.0.0.2"
	Means  string   `json:"means,omitempty"`  // the codes in words, by the list's own documentation
	Reason string   `json:"reason,omitempty"` // the list's TXT record. Hostile
	Lookup string   `json:"lookup,omitempty"` // where to look the entry up
	Delist string   `json:"delist,omitempty"` // where to ask for removal
	Why    string   `json:"why,omitempty"`    // why it was not checked, and the way out
}

// Status is the answer of one list.
type Status string

// The statuses. A zone that is dead, answers for everything, or refuses to answer us is NotChecked,
// never Listed and never Clean.
const (
	Listed     Status = "listed"
	Clean      Status = "clean"
	NotChecked Status = "not-checked"
)

// Kind says what a listing means.
type Kind string

// The kinds.
const (
	Accusation Kind = "accusation" // spam, malware or an open relay was seen coming from there
	Policy     Kind = "policy"     // such an address should not send mail directly: nobody is accused
)
