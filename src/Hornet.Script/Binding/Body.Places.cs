using Hornet.Script.Source;

namespace Hornet.Script.Binding;

internal abstract partial class Body
{
    /// <summary>The macro calls through which the present place was reached, innermost first: for messages at run time.</summary>
    public IReadOnlyList<SourceSpan> ExpandedFrom
    {
        get
        {
            if (_frame is null) return [];
            List<SourceSpan> calls = [];
            for (var frame = _frame; frame is not null; frame = frame.Caller) calls.Add(frame.CallSpan);
            return calls;
        }
    }
}
