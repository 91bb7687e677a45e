package bounce

// Type is what a Record says it is, and Schema the number of its format; fields are only ever added under
// one number.
const (
	Type   = "bounce"
	Schema = 1
)

// Record is what one message says, or why it could not be read: a line of `openrelay blocklist --bounce
// FILE --format jsonl`. Every string is hostile.
type Record struct {
	Type   string `json:"type"`   // what the record is: "bounce"
	Schema int    `json:"schema"` // the number of this format
	Bounce
	Error string `json:"error,omitempty"` // why the message could not be read
}

// NewRecord makes the record of what a Reader found.
func NewRecord(b Bounce, err error) Record {
	r := Record{Type: Type, Schema: Schema, Bounce: b}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
