using Hornet.Script.Syntax;
using Hornet.Script.Types;

namespace Hornet.Script.Binding;

// Functions of imported objects.
internal abstract partial class Body
{
    // The language's own names go first, as in bpftrace: a script means the same whatever an object has besides.
    private void WarnOfHidden(CallSyntax call, ImportedFunction function, string other)
    {
        if (!IsInLibrary) Warning(call.Span, $"{call.Name}() is {other}, not the function that {function.File} defines", $"To call that one, give it another name in {function.File}");
    }

    private BoundExpression BindImportedCall(CallSyntax call, ImportedFunction function)
    {
        if (function.Problem is { } problem)
        {
            Error(call.Span, $"Function `{function.Name}` cannot be called from here: {problem}");
            foreach (var argument in call.Arguments) BindExpression(argument);
            return new BoundUnknown(call.Span);
        }
        BoundUnknown unknown = new(call.Span) { Type = function.ReturnType };
        if (call.Arguments.Count != function.Parameters.Count)
        {
            Error(call.Span, $"Function `{function.Name}` requires {function.Parameters.Count} arguments, got only {call.Arguments.Count}").Hints.Add(Prototype(function));
            return unknown;
        }
        var arguments = new BoundExpression[call.Arguments.Count];
        bool known = true, fits = true;
        for (int i = 0; i < arguments.Length; i++)
        {
            var value = arguments[i] = BindExpression(call.Arguments[i]);
            if (!Known(value))
            {
                known = false;
                continue;
            }
            var (name, type) = function.Parameters[i];
            if (AsArgument(value, type) is { } converted)
            {
                arguments[i] = converted;
                continue;
            }
            Error(value.Span, name.Length > 0 ? $"Expected {type} for argument `{name}` got {value.Type}" : $"Expected {type} got {value.Type}");
            fits = false;
        }
        if (!fits) Error(call.Span, $"Function `{function.Name}` requires arguments ({string.Join(", ", function.Parameters.Select(p => p.Type))})").Hints.Add(Prototype(function));
        return known && fits ? new BoundImportedCall(call.Span, function, arguments) : unknown;
    }

    private static string Prototype(ImportedFunction function) =>
        $"{function.File} defines {function.ReturnType} {function.Name}({string.Join(", ", function.Parameters.Select(p => p.Name.Length > 0 ? $"{p.Type} {p.Name}" : $"{p.Type}"))})";

    // Null when it is none.
    private BoundExpression? AsArgument(BoundExpression value, ScriptType type)
    {
        if (type is not PointerType pointer) return value.Type is PointerType ? null : Convert(value, type);
        switch (value.Type)
        {
            // A 0 is no address, any other number is one that somebody computed.
            case IntegerType when Literals.IsInteger(value, out var number) && number == 0: return AsInteger(value, type);
            case PointerType given when LeadsTo(given.Target, pointer.Target): return new BoundConversion(value.Span, type, BoundConversionKind.Integer, value);
            // Of what is more than a number, C takes the address.
            case StringType or BufferType or ArrayType or CompositeType when LeadsTo(value.Type, pointer.Target):
                return new BoundAddressOf(value.Span, pointer with { Space = AddressSpace.Bpf }, value);
            default: return null;
        }
    }

    private static bool LeadsTo(ScriptType given, ScriptType wanted) => (given, wanted) switch
    {
        (_, VoidType) or (VoidType, _) => true,
        (StringType or BufferType, IntegerType { Size: 1 }) => true,
        (ArrayType array, _) when array.Element.Equals(wanted) => true,
        (IntegerType a, IntegerType b) => a.Bits == b.Bits,
        (PointerType a, PointerType b) => LeadsTo(a.Target, b.Target),
        _ => given.Equals(wanted) || (given is CompositeType && TypeRules.IsCompatible(given, wanted)),
    };
}
