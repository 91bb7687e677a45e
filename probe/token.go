package probe

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"
)

// Key is the secret by which a run knows its own messages again when they arrive. Whoever sends and
// whoever catches must have the same one; nobody else can make a token, or answer for a domain.
type Key [32]byte

// NewKey returns a new random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k[:]) // never fails
	return k
}

// ErrKey says that a text is no key.
var ErrKey = errors.New("not a key: a key is 52 letters and digits as openrelay wrote them")

// MarshalText writes the key in lower-case base32.
func (k Key) MarshalText() ([]byte, error) { return []byte(code.EncodeToString(k[:])), nil }

// UnmarshalText reads a key. White space around it is passed over. The error is ErrKey.
func (k *Key) UnmarshalText(text []byte) error {
	b, ok := decode(strings.TrimSpace(string(text)))
	if !ok || len(b) != len(k) || Key(b) == (Key{}) {
		return ErrKey
	}
	*k = Key(b)
	return nil
}

// String hides the key, so that none ends in a log.
func (k Key) String() string { return "key " + k.Fingerprint() }

// Fingerprint names the key without giving it away: what a domain publishes that agrees to get
// messages marked with it.
func (k Key) Fingerprint() string { return code.EncodeToString(k.mac("fingerprint")[:16]) }

// Answer is what only a holder of the key can say to a challenge about a domain.
func (k Key) Answer(challenge, domain string) string {
	return code.EncodeToString(k.mac("consent", strings.ToLower(challenge), strings.ToLower(domain))[:16])
}

// mac is the HMAC-SHA256 of fields (RFC 2104). Quoting keeps them apart, and the purpose keeps a mark
// that was made for one thing from being taken for another.
func (k Key) mac(purpose string, fields ...string) []byte {
	h := hmac.New(sha256.New, k[:])
	fmt.Fprintf(h, "openrelay %s %q", purpose, fields)
	return h.Sum(nil)
}

// Issued is what a token stands for: one message.
type Issued struct {
	Run    string // the id of the scan
	Target string // the server it was handed to, as in Result.Target
	Vector string
	Via    Via
	Serial string    // of the message, unique among those of a key
	At     time.Time // when the token was made, to the millisecond
}

// Token marks one message, twice: as the local part of its recipient, by which a catcher can tell at
// RCPT that the message is one of ours, and as a header field, which says which one. Both are
// signed, so neither side has to remember anything.
type Token struct {
	Issued
	// LocalPart is 33 lower-case letters and digits, of which the first is a letter: short enough for
	// the forms that put a whole address into a local part (64 octets, RFC 5321 4.5.3.1.1), and the
	// same token in whatever case a server writes it.
	LocalPart string
	// Header is the value of the field TokenHeader.
	Header string
}

// TokenHeader is the header field that carries the token.
const TokenHeader = "X-Openrelay-Token"

// TokenLife is how long a token is good for: longer than servers keep trying (RFC 5321 4.5.4.1).
const TokenLife = 7 * 24 * time.Hour

// skew is how far the clocks of sender and catcher may differ.
const skew = 24 * time.Hour

// A local part is tokenLetter and the base32 of the time, a nonce and the first bytes of their HMAC: 88
// bits, which nobody guesses over SMTP (RFC 2104 5 wants no fewer than 80).
const (
	tokenLetter = "t"
	timeBytes   = 6 // milliseconds since 1970
	serialBytes = timeBytes + 3
	tokenBytes  = 20
)

// ErrForged says that a text is not a token of this key, or not any more what was issued.
var ErrForged = errors.New("not a token of this key")

// ErrExpired says that a token is too old, or from the future.
var ErrExpired = errors.New("the token has expired")

// Issue makes the token of a message: the given one of all of run, target, vector and via.
func (k Key) Issue(run, target, vector string, via Via, now time.Time) Token {
	serial := make([]byte, serialBytes, tokenBytes)
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(serial, ms[8-timeBytes:])
	_, _ = rand.Read(serial[timeBytes:]) // never fails
	return k.token(serial, run, target, vector, via)
}

func (k Key) token(serial []byte, run, target, vector string, via Via) Token {
	t := Token{Issued: Issued{Run: run, Target: target, Vector: vector, Via: via, Serial: code.EncodeToString(serial), At: madeAt(serial)}}
	t.LocalPart = tokenLetter + code.EncodeToString(append(serial, k.mac("address", t.Serial)[:tokenBytes-serialBytes]...))
	t.Header = mime.FormatMediaType(t.LocalPart, map[string]string{
		"run": run, "target": target, "vector": vector, "via": string(via), "mac": code.EncodeToString(k.sign(t.Issued)),
	})
	return t
}

func (k Key) sign(i Issued) []byte {
	return k.mac("message", i.Serial, i.Run, i.Target, i.Vector, string(i.Via))[:16]
}

// Recognize returns the serial of the token that a local part is, and when it was issued. Case does
// not matter. The error is ErrForged or ErrExpired.
func (k Key) Recognize(localPart string, now time.Time) (serial string, at time.Time, err error) {
	text, ok := strings.CutPrefix(strings.ToLower(localPart), tokenLetter)
	b, decoded := decode(text)
	if !ok || !decoded || len(b) != tokenBytes {
		return "", at, ErrForged
	}
	serial = code.EncodeToString(b[:serialBytes])
	if !hmac.Equal(b[serialBytes:], k.mac("address", serial)[:tokenBytes-serialBytes]) {
		return "", at, ErrForged
	}
	at = madeAt(b)
	if now.Sub(at) > TokenLife || at.Sub(now) > skew {
		return "", at, ErrExpired
	}
	return serial, at, nil
}

// Verify reads the value of the header field TokenHeader, unfolded. The error is ErrForged or
// ErrExpired.
func (k Key) Verify(header string, now time.Time) (Issued, error) {
	if len(header) > 1000 { // a token is a third of that
		return Issued{}, ErrForged
	}
	localPart, parameters, err := mime.ParseMediaType(header)
	if err != nil {
		return Issued{}, ErrForged
	}
	i := Issued{Run: parameters["run"], Target: parameters["target"], Vector: parameters["vector"], Via: Via(parameters["via"])}
	if i.Serial, i.At, err = k.Recognize(localPart, now); err != nil {
		return Issued{}, err
	}
	mac, ok := decode(parameters["mac"])
	if !ok || len(parameters) != 5 || !hmac.Equal(mac, k.sign(i)) {
		return Issued{}, ErrForged
	}
	return i, nil
}

// madeAt reads the time at the head of a serial.
func madeAt(serial []byte) time.Time {
	var ms [8]byte
	copy(ms[8-timeBytes:], serial[:timeBytes])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC()
}

// code is base32 in lower case, which survives a server that changes the case of a local part.
var code = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// decode accepts only what encoding would have written: no other spelling of the same bytes.
func decode(text string) ([]byte, bool) {
	b, err := code.DecodeString(text)
	return b, err == nil && code.EncodeToString(b) == text
}
