// The programs of Hornet.Bench/Code/Kernels.cs, written as a C programmer does.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

#define MAP(name, kind, keytype, valuetype, entries) \
    struct { __uint(type, kind); __uint(max_entries, entries); __type(key, keytype); __type(value, valuetype); } name SEC(".maps")

struct flow { __u32 source, destination; __u16 source_port, destination_port; __u32 protocol; };
struct bucket { __u64 tokens, last; };

MAP(slots, BPF_MAP_TYPE_ARRAY, __u32, __u64, 256);
MAP(percpu, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 256);
MAP(sources, BPF_MAP_TYPE_HASH, __u32, __u64, 1024);
MAP(flows, BPF_MAP_TYPE_HASH, struct flow, __u64, 1024);
MAP(buckets, BPF_MAP_TYPE_HASH, __u32, struct bucket, 1024);

#define DATA (void *)(long)ctx->data
#define END (void *)(long)ctx->data_end
#define PROGRAM(name) SEC("xdp") int name(struct xdp_md *ctx)

static __always_inline struct iphdr *ipv4(struct xdp_md *ctx)
{
    void *data = DATA, *end = END;
    struct ethhdr *eth = data;
    struct iphdr *ip = data + 14;
    if (data + 34 > end || eth->h_proto != bpf_htons(ETH_P_IP)) return 0;
    return ip;
}

PROGRAM(pass) { return XDP_PASS; }

PROGRAM(shorter) { return (long)ctx->data_end - (long)ctx->data < 60 ? XDP_DROP : XDP_PASS; }

PROGRAM(ethertype)
{
    void *data = DATA;
    if (data + 14 > END) return XDP_DROP;
    return ((struct ethhdr *)data)->h_proto == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}

PROGRAM(protocol)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_PASS;
    return ip->protocol == IPPROTO_UDP || ip->protocol == IPPROTO_TCP ? XDP_PASS : XDP_DROP;
}

PROGRAM(udp_port)
{
    void *data = DATA, *end = END;
    struct iphdr *ip = ipv4(ctx);
    if (!ip || ip->protocol != IPPROTO_UDP) return XDP_PASS;
    struct udphdr *udp = (void *)ip + (ip->ihl * 4);
    if ((void *)(udp + 1) > end) return XDP_ABORTED;
    return udp->dest == bpf_htons(31337) ? XDP_DROP : XDP_PASS;
}

PROGRAM(tcp_flags)
{
    void *data = DATA, *end = END;
    struct iphdr *ip = ipv4(ctx);
    if (!ip || ip->protocol != IPPROTO_TCP || data + 54 > end) return XDP_PASS;
    __u8 flags = *(__u8 *)(data + 47);
    return (flags & 2) && !(flags & 16) ? XDP_DROP : XDP_PASS;
}

PROGRAM(cidr)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_PASS;
    __u32 source = bpf_ntohl(ip->saddr);
    return (source & 0xff000000) == 0x0a000000 || (source & 0xfff00000) == 0xac100000 || (source & 0xffff0000) == 0xc0a80000 ? XDP_DROP : XDP_PASS;
}

PROGRAM(port_switch)
{
    void *data = DATA;
    if (data + 38 > END) return XDP_DROP;
    switch (bpf_ntohs(*(__u16 *)(data + 36))) {
    case 22: case 80: case 443: case 8080: return XDP_PASS;
    case 53: case 123: return XDP_TX;
    case 31337: case 4444: return XDP_ABORTED;
    default: return XDP_DROP;
    }
}

PROGRAM(swap_addresses)
{
    __u8 *data = DATA;
    if ((void *)(data + 14) > END) return XDP_DROP;
    for (int i = 0; i < 6; i++) { __u8 t = data[i]; data[i] = data[i + 6]; data[i + 6] = t; }
    return XDP_TX;
}

PROGRAM(ttl)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip || ip->ttl <= 1) return XDP_DROP;
    ip->ttl--;
    __u32 sum = ip->check + 1;
    ip->check = sum + (sum >> 16);
    return XDP_TX;
}

PROGRAM(ip_checksum)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_DROP;
    __u32 sum = 0;
    __u16 *words = (void *)ip;
    for (int i = 0; i < 10; i++) sum += words[i];
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)~sum == 0 ? XDP_PASS : XDP_DROP;
}

PROGRAM(count_protocol)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_PASS;
    __u32 key = ip->protocol;
    __u64 *count = bpf_map_lookup_elem(&slots, &key);
    if (count) __sync_fetch_and_add(count, 1);
    return XDP_PASS;
}

PROGRAM(count_percpu)
{
    __u32 key = 3;
    __u64 *count = bpf_map_lookup_elem(&percpu, &key);
    if (count) *count += (long)ctx->data_end - (long)ctx->data;
    return XDP_PASS;
}

PROGRAM(count_source)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_PASS;
    __u32 key = ip->saddr;
    __u64 *count = bpf_map_lookup_elem(&sources, &key);
    if (count) { __sync_fetch_and_add(count, 1); return XDP_PASS; }
    __u64 one = 1;
    bpf_map_update_elem(&sources, &key, &one, BPF_NOEXIST);
    return XDP_PASS;
}

PROGRAM(count_flow)
{
    void *data = DATA, *end = END;
    struct iphdr *ip = ipv4(ctx);
    if (!ip || data + 38 > end) return XDP_PASS;
    struct flow key = { ip->saddr, ip->daddr, *(__u16 *)(data + 34), *(__u16 *)(data + 36), ip->protocol };
    __u64 *count = bpf_map_lookup_elem(&flows, &key);
    if (count) { __sync_fetch_and_add(count, 1); return XDP_PASS; }
    __u64 one = 1;
    bpf_map_update_elem(&flows, &key, &one, BPF_NOEXIST);
    return XDP_PASS;
}

PROGRAM(blocked)
{
    struct iphdr *ip = ipv4(ctx);
    if (!ip) return XDP_PASS;
    __u32 key = ip->daddr;
    __u64 *until = bpf_map_lookup_elem(&sources, &key);
    return until && *until > 0 ? XDP_DROP : XDP_PASS;
}

PROGRAM(histogram_log2)
{
    __u64 length = (long)ctx->data_end - (long)ctx->data, v = length;
    __u32 slot = 0;
    if (v >> 32) { slot += 32; v >>= 32; }
    if (v >> 16) { slot += 16; v >>= 16; }
    if (v >> 8) { slot += 8; v >>= 8; }
    if (v >> 4) { slot += 4; v >>= 4; }
    if (v >> 2) { slot += 2; v >>= 2; }
    if (v >> 1) slot += 1;
    __u64 *count = bpf_map_lookup_elem(&slots, &slot);
    if (count) __sync_fetch_and_add(count, 1);
    return XDP_PASS;
}

PROGRAM(histogram_linear)
{
    __u64 length = (long)ctx->data_end - (long)ctx->data;
    __u32 slot = length / 100;
    if (slot > 15) slot = 15;
    __u64 *count = bpf_map_lookup_elem(&slots, &slot);
    if (count) __sync_fetch_and_add(count, 1);
    return XDP_PASS;
}

PROGRAM(token_bucket)
{
    void *data = DATA, *end = END;
    if (data + 50 > end) return XDP_PASS;
    __u32 key = *(__u32 *)(data + 26);
    __u64 now = *(__u64 *)(data + 42);
    struct bucket *b = bpf_map_lookup_elem(&buckets, &key);
    if (!b) {
        struct bucket fresh = { 100, now };
        bpf_map_update_elem(&buckets, &key, &fresh, BPF_ANY);
        return XDP_PASS;
    }
    __u64 tokens = b->tokens + (now - b->last) / 1000;
    if (tokens > 100) tokens = 100;
    b->last = now;
    if (tokens == 0) { b->tokens = 0; return XDP_DROP; }
    b->tokens = tokens - 1;
    return XDP_PASS;
}

PROGRAM(byte_sum)
{
    __u8 *data = DATA;
    if ((void *)(data + 128) > END) return XDP_ABORTED;
    __u32 sum = 0;
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < 128; i++) sum += data[i];
    return sum;
}

PROGRAM(fnv)
{
    __u8 *data = DATA;
    if ((void *)(data + 128) > END) return XDP_ABORTED;
    __u32 hash = 2166136261;
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < 128; i++) hash = (hash ^ data[i]) * 16777619;
    return hash;
}

PROGRAM(find_zero)
{
    __u8 *data = DATA;
    if ((void *)(data + 128) > END) return XDP_ABORTED;
#pragma clang loop unroll(disable)
    for (__u32 i = 64; i < 128; i++)
        if (data[i] == 0) return i;
    return 128;
}

PROGRAM(http_method)
{
    void *data = DATA;
    if (data + 58 > END) return XDP_PASS;
    __u32 method = *(__u32 *)(data + 54);
    if (method == 0x20544547) return 5;
    if (method == 0x54534f50) return 6;
    if (method == 0x44414548) return 7;
    return XDP_PASS;
}

PROGRAM(lower_case)
{
    __u8 *data = DATA;
    if ((void *)(data + 96) > END) return XDP_ABORTED;
    __u32 letters = 0;
#pragma clang loop unroll(disable)
    for (__u32 i = 64; i < 96; i++) {
        __u8 c = data[i];
        if (c >= 'A' && c <= 'Z') { data[i] = c | 0x20; letters++; }
    }
    return letters;
}

PROGRAM(parse_number)
{
    __u8 *data = DATA;
    if ((void *)(data + 74) > END) return XDP_ABORTED;
    __u32 value = 0;
#pragma clang loop unroll(disable)
    for (__u32 i = 64; i < 74; i++) {
        __u32 digit = (__u32)data[i] - '0';
        if (digit > 9) break;
        value = value * 10 + digit;
    }
    return value;
}

static __always_inline __u32 rotate(__u32 x, int n) { return x << n | x >> (32 - n); }

PROGRAM(jenkins)
{
    void *data = DATA;
    if (data + 38 > END) return XDP_ABORTED;
    __u32 a = *(__u32 *)(data + 26) + 0xdeadbeef, b = *(__u32 *)(data + 30) + 0xdeadbeef, c = *(__u32 *)(data + 34) + 0xdeadbeef;
    c ^= b; c -= rotate(b, 14);
    a ^= c; a -= rotate(c, 11);
    b ^= a; b -= rotate(a, 25);
    c ^= b; c -= rotate(b, 16);
    a ^= c; a -= rotate(c, 4);
    b ^= a; b -= rotate(a, 14);
    c ^= b; c -= rotate(b, 24);
    return c;
}

PROGRAM(vlan)
{
    void *data = DATA, *end = END;
    if (data + 14 > end) return XDP_DROP;
    __u32 offset = 12;
    __u16 type = *(__u16 *)(data + 12);
    if (type == bpf_htons(0x8100) || type == bpf_htons(0x88a8)) {
        if (data + 18 > end) return XDP_DROP;
        type = *(__u16 *)(data + 16);
        if (type == bpf_htons(0x8100)) {
            if (data + 22 > end) return XDP_DROP;
            type = *(__u16 *)(data + 20);
        }
    }
    return type == bpf_htons(ETH_P_IP) ? XDP_PASS : XDP_DROP;
}

PROGRAM(popcount)
{
    void *data = DATA;
    if (data + 34 > END) return XDP_ABORTED;
    __u64 x = *(__u64 *)(data + 26);
    x = x - ((x >> 1) & 0x5555555555555555);
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (x * 0x0101010101010101) >> 56;
}

PROGRAM(primes)
{
    __u32 found = 0;
#pragma clang loop unroll(disable)
    for (__u32 n = 3; n < 60; n += 2) {
        __u32 prime = 1;
#pragma clang loop unroll(disable)
        for (__u32 d = 3; d * d <= n; d += 2)
            if (n % d == 0) { prime = 0; break; }
        found += prime;
    }
    return found;
}

PROGRAM(hex)
{
    __u8 *data = DATA;
    if ((void *)(data + 112) > END) return XDP_ABORTED;
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < 16; i++) {
        __u8 b = data[26 + i], high = b >> 4, low = b & 15;
        data[64 + i * 2] = high < 10 ? '0' + high : 'a' - 10 + high;
        data[65 + i * 2] = low < 10 ? '0' + low : 'a' - 10 + low;
    }
    return XDP_PASS;
}
