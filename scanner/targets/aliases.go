package targets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// mostLinks is how long a chain of aliases may be: resolvers follow no more than some ten.
const mostLinks = 16

// AliasesOf returns the names that a host is an alias of, link by link to the last, none for a host that is none. Where
// that cannot be told there is an error, with the links that are known.
//
// The resolver tells the last name only, also of what stands in the hosts file. The links before are the DNS's: of the
// name servers in conf, which is that of the system if nil.
func AliasesOf(ctx context.Context, r *net.Resolver, conf *dns.ClientConfig, host string) ([]string, error) {
	canonical, err := r.LookupCNAME(ctx, host)
	if err != nil {
		return nil, err
	}
	canonical, host = fold(canonical), fold(host)
	if canonical == host {
		return nil, nil
	}
	if conf == nil {
		conf, err = dns.ClientConfigFromFile("/etc/resolv.conf")
	}
	if err != nil {
		if !strings.Contains(host, ".") && strings.HasPrefix(canonical, host+".") {
			return nil, nil // a search domain's
		}
		return []string{canonical}, fmt.Errorf("only the last name that it is an alias of is known: %w", err)
	}
	return chain(ctx, conf, host, canonical)
}

// chain asks for the links from a host to its canonical name. The host itself, with a search domain behind it, is no
// alias.
func chain(ctx context.Context, conf *dns.ClientConfig, host, canonical string) ([]string, error) {
	names := conf.NameList(host)
	if slices.Contains(names, dns.Fqdn(canonical)) {
		return nil, nil
	}
	var last error
	for _, name := range names {
		links, err := follow(ctx, conf, fold(name), canonical)
		if err == nil {
			return links, nil
		}
		last = err
	}
	return []string{canonical}, last
}

var errNoChain = errors.New("the name servers tell no chain of aliases to its last name")

// follow asks for the next links until there is the last. A resolver tells them all at once.
func follow(ctx context.Context, conf *dns.ClientConfig, name, canonical string) (links []string, err error) {
	for range mostLinks {
		next, err := ask(ctx, conf, name)
		if err != nil {
			return nil, err
		}
		known := len(links)
		for to := next[name]; to != "" && len(links) < mostLinks; to = next[name] {
			links, name = append(links, to), to
		}
		switch {
		case name == canonical:
			return links, nil
		case len(links) == known:
			return nil, errNoChain
		}
	}
	return nil, errNoChain
}

// ask returns the aliases in the answer to the question for a host's address.
func ask(ctx context.Context, conf *dns.ClientConfig, name string) (next map[string]string, err error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeA)
	for _, server := range conf.Servers {
		var answer *dns.Msg
		for _, network := range []string{"udp", "tcp"} { // the second where the answer does not fit into a packet
			answer, _, err = (&dns.Client{Net: network, Timeout: patience}).ExchangeContext(ctx, question, net.JoinHostPort(server, conf.Port))
			if err != nil || !answer.Truncated {
				break
			}
		}
		if err != nil {
			continue
		}
		next = map[string]string{}
		for _, rr := range answer.Answer {
			if link, ok := rr.(*dns.CNAME); ok {
				next[fold(link.Hdr.Name)] = fold(link.Target)
			}
		}
		return next, nil
	}
	return nil, err
}
