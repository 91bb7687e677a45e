package prober

import "strings"

// holes are what a server relays by: for which mail, to a stranger in which form. The words are the ids of vectors that
// show it; any other that fits does so too.
var holes = map[string]func(t *mtaTalk, to string) bool{
	"plain":                 func(*mtaTalk, string) bool { return true },
	"plain-com":             func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, ".com>") },
	"plain-net":             func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, ".net>") },
	"null-sender":           func(t *mtaTalk, _ string) bool { return t.from == "<>" },
	"same-domain":           func(t *mtaTalk, to string) bool { return domainIn(t.from) != "" && domainIn(t.from) == domainIn(to) },
	"sender-own-domain":     func(t *mtaTalk, _ string) bool { return domainIn(t.from) == "local.test" },
	"sender-own-host":       func(t *mtaTalk, _ string) bool { return domainIn(t.from) == "mx.local.test" },
	"sender-own-postmaster": func(t *mtaTalk, _ string) bool { return t.from == "<postmaster@local.test>" },
	"sender-own-literal":    func(t *mtaTalk, _ string) bool { return domainIn(t.from) == "[127.100.0.1]" },
	"sender-localhost":      func(t *mtaTalk, _ string) bool { return domainIn(t.from) == "localhost" },
	"sender-unqualified":    func(t *mtaTalk, _ string) bool { return t.from == "<audit>" },
	"percent-own-domain":    func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, "%example.org@local.test>") },
	"percent-bare":          func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, "%example.org>") },
	"quoted-own-domain":     func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, `example.org"@local.test>`) },
	"bang-own-domain":       func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, "!stranger@local.test>") },
	"route-own-domain":      func(_ *mtaTalk, to string) bool { return strings.HasPrefix(to, "<@local.test:") },
	"route-own-host":        func(_ *mtaTalk, to string) bool { return strings.HasPrefix(to, "<@mx.local.test:") },
	"trailing-dot":          func(_ *mtaTalk, to string) bool { return strings.HasSuffix(to, ".>") },
	"mixed-case":            func(_ *mtaTalk, to string) bool { return to != strings.ToLower(to) },
	"no-brackets":           func(_ *mtaTalk, to string) bool { return !strings.HasPrefix(to, "<") },
	"second-recipient":      func(t *mtaTalk, _ string) bool { return len(t.rcpts) > 0 },
	"helo-verb":             func(t *mtaTalk, _ string) bool { return t.verb == "HELO" },
	"helo-own-host":         func(t *mtaTalk, _ string) bool { return t.helo == "mx.local.test" },
	"helo-own-domain":       func(t *mtaTalk, _ string) bool { return t.helo == "local.test" },
	"helo-localhost":        func(t *mtaTalk, _ string) bool { return t.helo == "localhost" },
	"helo-loopback-literal": func(t *mtaTalk, _ string) bool { return t.helo == "[127.0.0.1]" },
	"under TLS":             func(t *mtaTalk, _ string) bool { return t.encrypted },
}

// formHoles are those that are about a name that looks local.
var formHoles = []string{"percent-own-domain", "percent-bare", "quoted-own-domain", "bang-own-domain"}

func domainIn(path string) string {
	return strings.ToLower(strings.Trim(path[strings.LastIndexByte(path, '@')+1:], "<>. "))
}
