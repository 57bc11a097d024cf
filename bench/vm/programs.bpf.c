/* Compute programs for the comparison of machines: each takes 64 KiB of memory and its length, and returns one number. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define PROGRAM(name) __attribute__((section("socket/" #name), used)) u64 name(u8 *memory, u64 length)

PROGRAM(lcg64)
{
	u64 x = length;
	for (u32 i = 0; i < 200000; i++)
		x = (x * 6364136223846793005ULL + 1442695040888963407ULL) ^ (x >> 29);
	return x;
}

PROGRAM(lcg32)
{
	u32 x = length;
	for (u32 i = 0; i < 200000; i++)
		x = (x * 1664525U + 1013904223U) ^ (x >> 13);
	return x;
}

PROGRAM(primes)
{
	u64 count = 0;
	for (u64 n = 3; n < 6000; n += 2) {
		u64 d = 3;
		while (d * d <= n && n % d)
			d += 2;
		count += d * d > n;
	}
	return count;
}

PROGRAM(bytesum)
{
	u64 sum = 0;
	for (u32 round = 0; round < 4; round++)
#pragma clang loop unroll(disable)
		for (u64 i = 0; i < length; i++)
			sum += memory[i] ^ round;
	return sum;
}

PROGRAM(xorcopy)
{
	u64 *from = (u64 *)memory, *to = (u64 *)(memory + length / 2), words = length / 16;
	for (u32 round = 0; round < 60; round++)
#pragma clang loop unroll(disable)
		for (u64 i = 0; i < words; i++)
			to[i] = from[i] ^ (to[i] + round);
	return to[words - 1];
}

PROGRAM(fnv1a)
{
	u64 hash = 0xcbf29ce484222325ULL;
	for (u32 round = 0; round < 3; round++)
#pragma clang loop unroll(disable)
		for (u64 i = 0; i < length; i++)
			hash = (hash ^ memory[i]) * 0x100000001b3ULL;
	return hash;
}

PROGRAM(sort)
{
	u32 *values = (u32 *)memory;
	for (u32 i = 0, x = 1; i < 700; i++)
		values[i] = x = x * 1103515245 + 12345;
	for (u32 i = 1; i < 700; i++) {
		u32 value = values[i];
		int j = i - 1;
		while (j >= 0 && values[j] > value) {
			values[j + 1] = values[j];
			j--;
		}
		values[j + 1] = value;
	}
	return values[0] + ((u64)values[350] << 32);
}

PROGRAM(sieve)
{
	u64 count = 0;
	for (u32 round = 0; round < 1; round++) {
		count = 0;
#pragma clang loop unroll(disable)
		for (u64 i = 0; i < length; i++)
			*(volatile u8 *)(memory + i) = 1;
		for (u64 i = 2; i < length; i++) {
			if (!memory[i])
				continue;
			count++;
			for (u64 j = i * 2; j < length; j += i)
				memory[j] = 0;
		}
	}
	return count;
}

PROGRAM(stack)
{
	volatile u64 slots[24];
	for (u32 i = 0; i < 24; i++)
		slots[i] = length + i;
	for (u32 round = 0; round < 30000; round++) {
		slots[0] += slots[3] ^ round;
		slots[1] ^= slots[0] >> 7;
		slots[2] += slots[1] * 3;
		slots[3] -= slots[2];
	}
	return slots[0] ^ slots[1] ^ slots[2] ^ slots[3];
}

PROGRAM(crc32)
{
	u32 crc = ~0U;
	for (u32 round = 0; round < 1; round++)
		for (u64 i = 0; i < length / 4; i++) {
			crc ^= memory[i];
#pragma clang loop unroll(disable)
			for (int bit = 0; bit < 8; bit++)
				crc = (crc >> 1) ^ (0xedb88320U & -(crc & 1));
		}
	return ~crc;
}

PROGRAM(collatz)
{
	u64 longest = 0;
	for (u64 n = 1; n < 1500; n++) {
		u64 x = n, steps = 0;
		while (x != 1) {
			x = x & 1 ? 3 * x + 1 : x >> 1;
			steps++;
		}
		if (steps > longest)
			longest = steps;
	}
	return longest;
}

PROGRAM(search)
{
	u64 found = 0;
	for (u32 round = 0; round < 3; round++)
#pragma clang loop unroll(disable)
		for (u64 i = 0; i + 4 < length; i++)
			if (memory[i] == 'e' && memory[i + 1] == 'B' && memory[i + 2] == 'P' && memory[i + 3] == 'F')
				found += round + i;
	return found;
}

static __attribute__((noinline)) u64 step(u64 a, u64 b)
{
	return a * 3 + (b ^ (a >> 5));
}

PROGRAM(calls)
{
	u64 a = length, b = 1;
	for (u32 i = 0; i < 50000; i++) {
		u64 c = step(a, b);
		b = a;
		a = c;
	}
	return a;
}
