// Package dnsbl is what there is to know about DNS block lists (RFC 5782), without asking any: which there are,
// what their answers mean, and the record of what they said.
//
// A list is a zone of the DNS. To ask about 192.0.2.99 one looks up 99.2.0.192.bl.example.org: an address within
// 127.0.0.0/8 says that it is listed, and which one says what for; no such name says that it is not; anything
// else says nothing. The lists stand in a table, [Zones]. To add one, add its row. Package lookup asks them.
package dnsbl

// Listing is what one block list said of one address or name.
type Listing struct {
	Zone    string   `json:"zone"`              // the zone that was asked: "bl.example.org"
	List    string   `json:"list"`              // what people call the list: "Example Block List"
	Query   string   `json:"query"`             // the address or name that was asked about
	Status  Status   `json:"status"`            // the answer
	Kind    Kind     `json:"kind,omitempty"`    // what being listed there means
	Codes   []string `json:"codes,omitempty"`   // the addresses answered: "127.0.0.2"
	Means   string   `json:"means,omitempty"`   // the codes in words, by the list's own documentation
	Reason  string   `json:"reason,omitempty"`  // the list's TXT record. Hostile
	Lookup  string   `json:"lookup,omitempty"`  // the page to look the entry up
	Delist  string   `json:"delist,omitempty"`  // the page to ask for removal
	Problem Problem  `json:"problem,omitempty"` // why it was not checked, in one word
	Why     string   `json:"why,omitempty"`     // why it was not checked, and the way out
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

// The kinds of listings.
const (
	Accusation Kind = "accusation" // spam, malware or an open relay was seen coming from there
	Network    Kind = "network"    // that was seen in the network around it: the address itself is not accused
	Policy     Kind = "policy"     // such an address should not send mail directly: nobody is accused
)

// The kinds of answers that are no listings. A [Code] may have them, a [Listing] never.
const (
	Neutral Kind = "neutral" // the list knows the address, and nothing against it: a whitelist, a mark
	Refusal Kind = "refusal" // the list does not answer us
)

// weight orders kinds: a listing with several codes is of the heaviest kind.
var weight = map[Kind]int{Policy: 1, Network: 2, Accusation: 3}

// StatusOf sums up what the lists said of one address or name: Listed if any lists it, else Clean if
// any list that works does not, else NotChecked.
func StatusOf(listings []Listing) Status {
	sum := NotChecked
	for _, l := range listings {
		switch l.Status {
		case Listed:
			return Listed
		case Clean:
			sum = Clean
		}
	}
	return sum
}
