/** A whole number of any size, for the few numbers where 64 bits are not enough to be exact. */
export class Big {
  /** Lowest first; no nought at the end. */
  private limbs: u32[] = [];

  constructor(value: u64) {
    while (value != 0) {
      this.limbs.push(<u32>value);
      value >>= 32;
    }
  }

  times(factor: u32, plus: u32 = 0): Big {
    let carry: u64 = plus;
    for (let i = 0; i < this.limbs.length; i++) {
      carry += <u64>this.limbs[i] * factor;
      this.limbs[i] = <u32>carry;
      carry >>= 32;
    }
    if (carry != 0) this.limbs.push(<u32>carry);
    return this;
  }

  timesPowerOfTen(n: i32): Big {
    for (; n >= 9; n -= 9) this.times(1_000_000_000);
    for (; n > 0; n--) this.times(10);
    return this;
  }

  timesPowerOfTwo(n: i32): Big {
    for (; n >= 31; n -= 31) this.times(0x80000000);
    return n > 0 ? this.times((<u32>1) << n) : this;
  }

  /** Below zero, zero or above zero, as this is less than, equal to or more than `other`. */
  compare(other: Big): i32 {
    if (this.limbs.length != other.limbs.length) return this.limbs.length - other.limbs.length;
    for (let i = this.limbs.length - 1; i >= 0; i--) {
      if (this.limbs[i] != other.limbs[i]) return this.limbs[i] < other.limbs[i] ? -1 : 1;
    }
    return 0;
  }

  /** The sum, as a new number. */
  plus(other: Big): Big {
    const sum = new Big(0);
    let carry: u64 = 0;
    for (let i = 0; i < max(this.limbs.length, other.limbs.length) || carry != 0; i++) {
      if (i < this.limbs.length) carry += this.limbs[i];
      if (i < other.limbs.length) carry += other.limbs[i];
      sum.limbs.push(<u32>carry);
      carry >>= 32;
    }
    return sum;
  }

  /** Takes away `other`, which must not be more. */
  minus(other: Big): void {
    let borrow: i64 = 0;
    for (let i = 0; i < this.limbs.length; i++) {
      borrow += this.limbs[i];
      if (i < other.limbs.length) borrow -= other.limbs[i];
      this.limbs[i] = <u32>borrow;
      borrow >>= 32;
    }
    while (this.limbs.length > 0 && this.limbs[this.limbs.length - 1] == 0) this.limbs.pop();
  }
}
