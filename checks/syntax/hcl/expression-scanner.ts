import { code } from "./scanner.ts";
import { TermScanner } from "./term-scanner.ts";
import type { BinaryOperator, Expression } from "./tree.ts";

/** How tightly operators bind; those of one number are read from left to right. */
const precedence: Readonly<Record<BinaryOperator, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};

/** Reads expressions: terms with operators between them. */
export abstract class ExpressionScanner extends TermScanner {
  protected override expression(): Expression {
    this.descend();
    this.skipSpace();
    const condition = this.operation(1);
    this.skipSpace();
    if (this.peek() !== code.question) {
      this.depth--;
      return condition;
    }
    this.position++;
    const consequent = this.expression();
    this.skipSpace();
    if (this.peek() !== code.colon) {
      this.fail(`":" and the other result of the condition are due here, but ${this.found()} follows.`);
    }
    this.position++;
    const alternate = this.expression();
    this.depth--;
    const { start } = condition;
    return { kind: "conditional", condition, consequent, alternate, start, end: alternate.end };
  }

  private operation(lowest: number): Expression {
    let left = this.operand();
    for (;;) {
      this.skipSpace();
      const operator = this.binaryOperator();
      if (operator === undefined || precedence[operator] < lowest) return left;
      this.position += operator.length;
      this.skipSpace();
      const right = this.operation(precedence[operator] + 1);
      left = { kind: "binary", operator, left, right, start: left.start, end: right.end };
    }
  }

  private binaryOperator(): BinaryOperator | undefined {
    const follows = this.text.charCodeAt(this.position + 1);
    switch (this.peek()) {
      case 43:
        return "+";
      case code.dash:
        return "-";
      case code.star:
        return "*";
      case code.slash:
        return "/";
      case code.percent:
        return "%";
      case code.equals:
        return follows === code.equals ? "==" : undefined;
      case 33:
        return follows === code.equals ? "!=" : undefined;
      case code.less:
        return follows === code.equals ? "<=" : "<";
      case code.greater:
        return follows === code.equals ? ">=" : ">";
      case 38:
        return follows === 38 ? "&&" : this.fail('A single & is no operator. Write && for "and".');
      case 124:
        return follows === 124 ? "||" : this.fail('A single | is no operator. Write || for "or".');
      default:
        return undefined;
    }
  }

  private operand(): Expression {
    const start = this.position;
    const character = this.peek();
    if (character === code.dash || character === 33) {
      this.descend();
      this.position++;
      this.skipSpace();
      const operand = this.operand();
      this.depth--;
      return { kind: "unary", operator: character === 33 ? "!" : "-", operand, start, end: operand.end };
    }
    const source = this.term();
    const steps = this.steps(false);
    if (steps.length === 0) return source;
    return { kind: "access", source, steps, start, end: steps.at(-1)?.end ?? source.end };
  }
}
