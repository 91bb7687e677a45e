package fixes

// HiddenClients is the fix where a server does not see who connects to it, whichever server it is. It is printed as a
// whole, since nobody can tell from outside what stands in front: each way has few lines, and its heading says what to
// look for.
var HiddenClients = Fix{
	Cause:  "Address translation or a proxy in front of the server gives every client the same address. If that address is a trusted one, every stranger is trusted.",
	Change: "Let the server see the real address of its clients, and never trust the address of a gateway or a proxy. The server's log says which address it sees; these are the usual places.",
	Users:  "Programs and devices that were trusted by that address can send to your own domains only, until they log in or their own addresses are listed. Where the PROXY protocol is used, change the proxy and the server together: a server that gets a header it does not expect, or none where it expects one, takes no mail. chasquid, Haraka and Postal read version 1 of it alone (send-proxy), OpenSMTPD version 2 (send-proxy-v2).",
	Ways: []Way{
		{
			When: "Docker: clients over IPv6, and no IPv6 in the container",
			Look: `docker network ls -q | xargs docker network inspect -f '{{.Name}} {{.EnableIPv6}}'`,
			Steps: []Step{{At: "compose.yaml", Lines: `ports: ["0.0.0.0:25:25", "0.0.0.0:465:465", "0.0.0.0:587:587"]   # and no AAAA record
# Or enable_ipv6: true for the network. "userland-proxy": false has cut mailcow off over IPv4.`}},
			Load: "docker compose up -d",
			Ref:  "Docker Engine, Port publishing and mapping; docker-mailserver, Advanced, IPv6; mailcow issue 1145",
			Read: "2026-11-30",
		},
		{
			When:  "Docker Swarm, ports in mode ingress; only the node that runs the server answers then",
			Steps: []Step{{Run: "docker service update --publish-rm 25 --publish-add mode=host,published=25,target=25 mail"}},
			Ref:   "Docker Engine, Use Swarm mode routing mesh, Bypass the routing mesh; moby issue 25526",
			Read:  "2026-11-30",
		},
		{
			When: "rootless Docker, where rootlesskit --version says 3 or higher",
			Steps: []Step{{At: "~/.config/docker/daemon.json", Lines: `{"userland-proxy": false}
# Older: DOCKERD_ROOTLESS_ROOTLESSKIT_PORT_DRIVER=slirp4netns in the environment of its unit.`}},
			Load: "systemctl --user restart docker",
			Ref:  "Docker Engine, Rootless mode, Troubleshooting; RootlessKit, Port Drivers",
			Read: "2026-11-30",
		},
		{
			When:  "rootless Podman, in a network of its own or with slirp4netns as it comes",
			Steps: []Step{{Run: "podman run --network pasta   # or --network slirp4netns:port_handler=slirp4netns"}},
			Ref:   "podman-run(1), --network; docker-mailserver, Advanced, Podman",
			Read:  "2026-11-30",
		},
		{
			When:  "Kubernetes, externalTrafficPolicy: Cluster; only nodes with a pod of the server answer then",
			Steps: []Step{{Run: `kubectl patch svc mail -p '{"spec":{"externalTrafficPolicy":"Local"}}'`}},
			Ref:   "Kubernetes, Using Source IP",
			Read:  "2026-11-30",
		},
		{
			When: "HAProxy before Postfix, here on its port 2525",
			Steps: []Step{{Run: `ports=$(postconf -M | awk '$1 ~ /(^|:)2525$/ {
  print $1 "/inet/" $8 "_upstream_proxy_protocol=haproxy" }')
[ "$ports" ] && postconf -P $ports &&
  ` + sendProxy}},
			Load: checkHAProxy + "postfix check && postfix reload && systemctl reload haproxy",
			Ref:  "postconf(5), smtpd_upstream_proxy_protocol; HAProxy Configuration Manual, send-proxy",
			Run:  "HAProxy 2.6 and Postfix 3.7 of Debian 12",
		},
		{
			When: "HAProxy before Debian's exim4-daemon-heavy, here on its port 2525, on the same machine",
			Look: eximMacrosLook,
			Steps: []Step{
				{At: eximLocal, Lines: "hosts_proxy = 127.0.0.1"},
				{Run: sendProxy},
			},
			Load: checkHAProxy + "update-exim4.conf && exim -bP hosts_proxy | grep 127.0.0.1 && systemctl reload exim4 haproxy",
			Ref:  "Exim specification, Inbound proxies; HAProxy Configuration Manual, send-proxy",
			Run:  "HAProxy 2.6 and Exim 4.96 of Debian 12",
		},
		{
			When: "HAProxy before OpenSMTPD, here on its port 2525",
			Steps: []Step{{Run: `sed -i -E '/proxy-v2/!s/^listen on .* port 2525\b/& proxy-v2/' /etc/smtpd.conf
grep '^listen on .* port 2525 proxy-v2' /etc/smtpd.conf &&
  sed -i -E '/send-proxy/!s/^\s*server\s.*:2525\b/& send-proxy-v2/' /etc/haproxy/haproxy.cfg`}},
			Load: checkHAProxy + "smtpd -n && systemctl restart opensmtpd && systemctl reload haproxy",
			Ref:  "smtpd.conf(5), listen on; HAProxy Configuration Manual, send-proxy-v2",
			Run:  "HAProxy 2.6 and OpenSMTPD 6.8 of Debian 12",
		},
		{
			When:  "nginx, with stream",
			Steps: []Step{{At: "nginx.conf, in the server block of the port", Lines: "proxy_protocol on;   # version 1"}},
			Load:  "nginx -t && systemctl reload nginx",
			Ref:   "nginx, Module ngx_stream_proxy_module, proxy_protocol",
			Read:  "2026-11-30",
		},
		{
			When: "router, firewall, load balancer: no source NAT on inbound mail",
			Look: "iptables -t nat -S POSTROUTING; nft list ruleset | grep -i masquerade",
			Steps: []Step{{At: "an AWS Network Load Balancer's target group; IPv6 clients of IPv4 targets stay hidden",
				Lines: "preserve_client_ip.enabled = true"}},
			Ref:  "Elastic Load Balancing, Edit target group attributes for your Network Load Balancer, Client IP preservation",
			Read: "2026-11-30",
		},
	},
}

// sendProxy makes HAProxy send version 1 of the PROXY protocol, as more servers read it than read version 2. It stands
// behind the address: at the end of the line there may be a comment.
const sendProxy = `sed -i -E '/send-proxy/!s/^\s*server\s.*:2525\b/& send-proxy/' /etc/haproxy/haproxy.cfg`

// checkHAProxy comes first: nothing is told to expect the header if nobody is going to send it.
const checkHAProxy = "haproxy -c -f /etc/haproxy/haproxy.cfg &&\n  "
