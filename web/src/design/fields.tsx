import type { ReactElement, ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox';
import { CheckboxGroup as AriaCheckboxGroup } from 'react-aria-components/CheckboxGroup';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Radio, RadioGroup as AriaRadioGroup } from 'react-aria-components/RadioGroup';
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField as AriaTextField, type TextFieldProps as AriaTextFieldProps } from 'react-aria-components/TextField';
import { Icon, type IconName } from './Icon';

interface Labelled {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong, in words; its presence marks the field invalid. */
  error?: string | null | undefined;
}

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'children' | 'className' | 'style'>, Labelled {
  placeholder?: string;
  autoCapitalize?: 'none' | 'words' | 'sentences';
  multiline?: boolean;
  rows?: number;
  /** Narrow boxes for short numbers. */
  width?: '2' | '4';
}

export function TextField(props: TextFieldProps): ReactElement {
  const { label, hint, error, placeholder, autoCapitalize, multiline, rows, width, ...rest } = props;
  return (
    <AriaTextField {...rest} className="field" isInvalid={!!error} data-width={width} validationBehavior="aria">
      <Label className="field-label">{label}</Label>
      <Hint>{hint}</Hint>
      <Fault>{error}</Fault>
      {multiline ? (
        <TextArea className="input" rows={rows ?? 4} placeholder={placeholder} />
      ) : (
        <Input className="input" placeholder={placeholder} autoCapitalize={autoCapitalize} />
      )}
    </AriaTextField>
  );
}

export interface Option<T extends string> {
  id: T;
  label: string;
  hint?: string;
  icon?: IconName;
}

export interface SelectProps<T extends string> extends Labelled {
  options: readonly Option<T>[];
  value: NoInfer<T> | null;
  onChange(value: NoInfer<T>): void;
  placeholder?: string;
  isDisabled?: boolean;
  id?: string;
}

export function Select<T extends string>(props: SelectProps<T>): ReactElement {
  const { label, hint, error, options, value, onChange, placeholder, isDisabled, id } = props;
  return (
    <AriaSelect
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(String(key) as T)}
      isInvalid={!!error}
      isDisabled={isDisabled ?? false}
      validationBehavior="aria"
      {...(placeholder !== undefined && { placeholder })}
    >
      <Label className="field-label">{label}</Label>
      <Hint>{hint}</Hint>
      <Fault>{error}</Fault>
      <AriaButton className="select-button" {...(id !== undefined && { id })}>
        <SelectValue>{({ selectedText, isPlaceholder, defaultChildren }) => (isPlaceholder ? defaultChildren : selectedText)}</SelectValue>
        <Icon name="chevron-down" size={18} />
      </AriaButton>
      <Popover className="popover">
        <ListBox className="options" items={options.map((option) => ({ ...option, key: option.id }))}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className="option">
              {option.icon && <Icon name={option.icon} size={18} />}
              <span className="choice-text">
                <span>{option.label}</span>
                {option.hint && <span className="field-hint">{option.hint}</span>}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export interface CheckboxProps {
  children: ReactNode;
  hint?: ReactNode;
  isSelected?: boolean;
  onChange?(selected: boolean): void;
  isDisabled?: boolean;
  isInvalid?: boolean;
  id?: string;
  /** In a {@link CheckboxGroup}. */
  value?: string;
  /** Without the frame of a large choice. */
  plain?: boolean;
}

export function Checkbox({ children, hint, plain, ...rest }: CheckboxProps): ReactElement {
  return (
    <AriaCheckbox {...rest} className="choice" data-plain={plain || undefined}>
      <span className="choice-box">
        <Icon name="check" size={16} />
      </span>
      <span className="choice-text">
        <span>{children}</span>
        {hint && <span className="field-hint">{hint}</span>}
      </span>
    </AriaCheckbox>
  );
}

interface GroupProps<T extends string> extends Labelled {
  options: readonly Option<T>[];
  columns?: 2;
  /** The group's label is already the page's heading. */
  labelHidden?: boolean;
  id?: string;
  isDisabled?: boolean;
}

export interface CheckboxGroupProps<T extends string> extends GroupProps<T> {
  value: readonly NoInfer<T>[];
  onChange(value: NoInfer<T>[]): void;
}

export function CheckboxGroup<T extends string>(props: CheckboxGroupProps<T>): ReactElement {
  const { label, hint, error, options, columns, labelHidden, id, value, onChange, isDisabled } = props;
  return (
    <AriaCheckboxGroup
      className="field"
      value={[...value]}
      onChange={(next) => onChange(next as T[])}
      isInvalid={!!error}
      isDisabled={isDisabled ?? false}
      validationBehavior="aria"
      {...(id !== undefined && { id })}
    >
      <Label className={labelHidden ? 'hidden-text' : 'field-label'}>{label}</Label>
      <Hint>{hint}</Hint>
      <Fault>{error}</Fault>
      <div className="choices" data-columns={columns}>
        {options.map((option) => (
          <Checkbox key={option.id} value={option.id} hint={option.hint}>
            {option.label}
          </Checkbox>
        ))}
      </div>
    </AriaCheckboxGroup>
  );
}

export interface RadioGroupProps<T extends string> extends GroupProps<T> {
  value: NoInfer<T> | null;
  onChange(value: NoInfer<T>): void;
}

export function RadioGroup<T extends string>(props: RadioGroupProps<T>): ReactElement {
  const { label, hint, error, options, columns, labelHidden, id, value, onChange, isDisabled } = props;
  return (
    <AriaRadioGroup
      className="field"
      value={value}
      onChange={(next) => onChange(next as T)}
      isInvalid={!!error}
      isDisabled={isDisabled ?? false}
      validationBehavior="aria"
      {...(id !== undefined && { id })}
    >
      <Label className={labelHidden ? 'hidden-text' : 'field-label'}>{label}</Label>
      <Hint>{hint}</Hint>
      <Fault>{error}</Fault>
      <div className="choices" data-columns={columns}>
        {options.map((option) => (
          <Radio key={option.id} value={option.id} className="choice">
            <span className="choice-box" data-round>
              <Icon name="check" size={14} />
            </span>
            <span className="choice-text">
              <span>{option.label}</span>
              {option.hint && <span className="field-hint">{option.hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </AriaRadioGroup>
  );
}

function Hint({ children }: { children: ReactNode }): ReactElement | null {
  if (!children) return null;
  return (
    <Text slot="description" className="field-hint">
      {children}
    </Text>
  );
}

function Fault({ children }: { children: string | null | undefined }): ReactElement | null {
  if (!children) return null;
  return (
    <FieldError className="field-error">
      <Icon name="alert" size={18} />
      <span>{children}</span>
    </FieldError>
  );
}
