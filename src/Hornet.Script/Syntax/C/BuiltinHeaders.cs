using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Hornet.Script.Syntax.C;

/// <summary>What belongs to a compiler rather than to a system: the headers a machine without one lacks, and its macros.</summary>
internal static class BuiltinHeaders
{
    /// <summary>A directory that is none of the file system's.</summary>
    public const string Directory = "<hornet>";

    private static readonly Dictionary<string, string> Headers = new()
    {
        ["stddef.h"] = """
            #ifndef __HORNET_STDDEF
            #define __HORNET_STDDEF
            typedef __SIZE_TYPE__ size_t;
            typedef __PTRDIFF_TYPE__ ptrdiff_t;
            typedef __WCHAR_TYPE__ wchar_t;
            typedef __WINT_TYPE__ wint_t;
            #define NULL ((void *)0)
            #define offsetof(t, m) __builtin_offsetof(t, m)
            #endif
            """,
        ["stdarg.h"] = """
            #ifndef __HORNET_STDARG
            #define __HORNET_STDARG
            typedef __builtin_va_list __gnuc_va_list;
            typedef __builtin_va_list va_list;
            #endif
            """,
        ["stdbool.h"] = """
            #ifndef __HORNET_STDBOOL
            #define __HORNET_STDBOOL
            #define bool _Bool
            #define true 1
            #define false 0
            #endif
            """,
        ["stdint.h"] = """
            #ifndef __HORNET_STDINT
            #define __HORNET_STDINT
            typedef __INT8_TYPE__ int8_t;
            typedef __INT16_TYPE__ int16_t;
            typedef __INT32_TYPE__ int32_t;
            typedef __INT64_TYPE__ int64_t;
            typedef __UINT8_TYPE__ uint8_t;
            typedef __UINT16_TYPE__ uint16_t;
            typedef __UINT32_TYPE__ uint32_t;
            typedef __UINT64_TYPE__ uint64_t;
            typedef __INT64_TYPE__ intptr_t;
            typedef __UINT64_TYPE__ uintptr_t;
            typedef __INT64_TYPE__ intmax_t;
            typedef __UINT64_TYPE__ uintmax_t;
            #endif
            """,
        ["limits.h"] = """
            #ifndef __HORNET_LIMITS
            #define __HORNET_LIMITS
            #define CHAR_BIT 8
            #define SCHAR_MAX 127
            #define SCHAR_MIN (-128)
            #define UCHAR_MAX 255
            #define SHRT_MAX 32767
            #define SHRT_MIN (-32768)
            #define USHRT_MAX 65535
            #define INT_MAX 2147483647
            #define INT_MIN (-INT_MAX - 1)
            #define UINT_MAX 4294967295U
            #define LONG_MAX 9223372036854775807L
            #define LONG_MIN (-LONG_MAX - 1L)
            #define ULONG_MAX 18446744073709551615UL
            #define LLONG_MAX 9223372036854775807LL
            #define ULLONG_MAX 18446744073709551615ULL
            #define PATH_MAX 4096
            #define NAME_MAX 255
            #endif
            """,
        ["float.h"] = "",
        ["stdalign.h"] = "#define alignas _Alignas\n#define alignof _Alignof\n",
        ["stdnoreturn.h"] = "#define noreturn _Noreturn\n",
        ["iso646.h"] = "",
    };

    public static bool TryGet(string path, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return path.StartsWith(Directory + "/", StringComparison.Ordinal) && Headers.TryGetValue(path[(Directory.Length + 1)..], out text);
    }

    /// <summary>The macros of gcc on LP64 that headers ask for.</summary>
    public static IEnumerable<string> Predefined(Architecture architecture)
    {
        string[] common =
        [
            "__STDC__=1", "__STDC_VERSION__=201710L", "__STDC_HOSTED__=1", "__GNUC__=4", "__GNUC_MINOR__=2", "__GNUC_PATCHLEVEL__=1", "__GNUC_STDC_INLINE__=1",
            "__LP64__=1", "_LP64=1", "__ELF__=1", "__linux__=1", "__linux=1", "__gnu_linux__=1", "__unix__=1", "__unix=1",
            "__CHAR_BIT__=8", "__ORDER_LITTLE_ENDIAN__=1234", "__ORDER_BIG_ENDIAN__=4321", "__ORDER_PDP_ENDIAN__=3412",
            "__BYTE_ORDER__=__ORDER_LITTLE_ENDIAN__", "__FLOAT_WORD_ORDER__=__ORDER_LITTLE_ENDIAN__", "__LITTLE_ENDIAN__=1", "__BIGGEST_ALIGNMENT__=16",
            "__SIZEOF_SHORT__=2", "__SIZEOF_INT__=4", "__SIZEOF_LONG__=8", "__SIZEOF_LONG_LONG__=8", "__SIZEOF_POINTER__=8", "__SIZEOF_SIZE_T__=8",
            "__SIZEOF_PTRDIFF_T__=8", "__SIZEOF_WCHAR_T__=4", "__SIZEOF_WINT_T__=4", "__SIZEOF_FLOAT__=4", "__SIZEOF_DOUBLE__=8", "__SIZEOF_LONG_DOUBLE__=16", "__SIZEOF_INT128__=16",
            "__SCHAR_MAX__=0x7f", "__SHRT_MAX__=0x7fff", "__INT_MAX__=0x7fffffff", "__LONG_MAX__=0x7fffffffffffffffL", "__LONG_LONG_MAX__=0x7fffffffffffffffLL",
            "__SIZE_MAX__=0xffffffffffffffffUL", "__PTRDIFF_MAX__=0x7fffffffffffffffL", "__INTMAX_MAX__=0x7fffffffffffffffL", "__UINTMAX_MAX__=0xffffffffffffffffUL",
            "__INTPTR_MAX__=0x7fffffffffffffffL", "__UINTPTR_MAX__=0xffffffffffffffffUL", "__WCHAR_MAX__=0x7fffffff", "__WCHAR_MIN__=(-__WCHAR_MAX__ - 1)", "__WINT_MAX__=0xffffffffU", "__WINT_MIN__=0U",
            "__INT8_MAX__=0x7f", "__INT16_MAX__=0x7fff", "__INT32_MAX__=0x7fffffff", "__INT64_MAX__=0x7fffffffffffffffL",
            "__UINT8_MAX__=0xff", "__UINT16_MAX__=0xffff", "__UINT32_MAX__=0xffffffffU", "__UINT64_MAX__=0xffffffffffffffffUL",
            "__SIZE_TYPE__=long unsigned int", "__PTRDIFF_TYPE__=long int", "__WCHAR_TYPE__=int", "__WINT_TYPE__=unsigned int", "__INTMAX_TYPE__=long int", "__UINTMAX_TYPE__=long unsigned int",
            "__INTPTR_TYPE__=long int", "__UINTPTR_TYPE__=long unsigned int", "__CHAR16_TYPE__=short unsigned int", "__CHAR32_TYPE__=unsigned int",
            "__INT8_TYPE__=signed char", "__INT16_TYPE__=short int", "__INT32_TYPE__=int", "__INT64_TYPE__=long int",
            "__UINT8_TYPE__=unsigned char", "__UINT16_TYPE__=short unsigned int", "__UINT32_TYPE__=unsigned int", "__UINT64_TYPE__=long unsigned int",
            "__USER_LABEL_PREFIX__=", "__REGISTER_PREFIX__=", "__VERSION__=\"hornet\"", "__bpf__=1", "__BPF__=1",
            "__DATE__=\"Jan  1 1970\"", "__TIME__=\"00:00:00\"",
        ];
        string[] machine = architecture == Architecture.Arm64
            ? ["__aarch64__=1", "__AARCH64EL__=1", "__CHAR_UNSIGNED__=1"]
            : ["__x86_64__=1", "__x86_64=1", "__amd64__=1", "__amd64=1", "__SSE__=1", "__SSE2__=1"];
        return [.. common, .. machine];
    }
}
