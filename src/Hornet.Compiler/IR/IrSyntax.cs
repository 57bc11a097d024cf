namespace Hornet.Compiler.IR;

/// <summary>The words of printed IR, for the printer and the parser.</summary>
internal static class IrSyntax
{
    public static readonly string[] Binary = ["add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr", "ashr"];

    public static readonly string[] Conversions =
        ["trunc", "zext8", "zext16", "zext32", "sext8", "sext16", "sext32", "ptrtoint", "inttoptr", "reinterpret"];

    public static readonly string[] Predicates = ["eq", "ne", "ult", "ule", "ugt", "uge", "slt", "sle", "sgt", "sge"];

    public static readonly string[] Widths = ["u8", "i8", "u16", "i16", "u32", "i32", "u64"];

    public static readonly string[] Atomics = ["add", "and", "or", "xor", "xchg"];

    public static readonly string[] Reads = ["kernel", "user", "kernel_string", "user_string"];

    public static readonly string[] Facts = ["exists", "size", "offset", "signed", "left", "right"];
}
