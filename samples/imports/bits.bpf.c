// How many bits of a number are set: clang -target bpf makes a function of it that scripts call.
int bits(unsigned long number)
{
    int set = 0;
    for (int i = 0; i < 64; i++)
        set += number >> i & 1;
    return set;
}
