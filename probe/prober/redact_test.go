package prober

import (
	"encoding/base64"
	"strings"
	"testing"

	"openrelay/internal/variants"
)

// FuzzRedact: no piece of a password comes through, in clear or in base64, and what has nothing to do
// with it stays as it is.
func FuzzRedact(f *testing.F) {
	for row := range variants.Rows(2000,
		[]string{"ada", "secret123", "535 secret123 is wrong"},
		[]string{"ada", "pw", "535 pw and SECR"},
		[]string{"a", "Tr0ub4dor&3", "AGEAVHIwdWI0ZG9yJjM= and VHIwdWI0ZG9yJjM"},
		[]string{"", "", "535 no"},
	) {
		f.Add(row[0], row[1], row[2])
	}
	f.Fuzz(func(t *testing.T, user, password, said string) {
		out := newRedactor(&Account{User: user, Password: Secret(password)}).redact(said)
		kept := strings.Split(lowerASCII(out), hidden)
		for _, form := range []string{password, base64.RawStdEncoding.EncodeToString([]byte(password))} {
			form = lowerASCII(form)
			n := min(leastPiece, len(form))
			for i := 0; n > 0 && i+n <= len(form); i++ {
				for _, rest := range kept {
					if strings.Contains(rest, form[i:i+n]) {
						t.Fatalf("%q of %q is in %q", form[i:i+n], password, out)
					}
				}
			}
		}
		if password == "" && user == "" && !strings.Contains(lowerASCII(said), "aaa") && out != said {
			t.Fatalf("%q became %q", said, out)
		}
	})
}
